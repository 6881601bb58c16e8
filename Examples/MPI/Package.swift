// swift-tools-version: 6.2
import PackageDescription

// Programs that use Halo's MPI module alone. Where this folder is copied elsewhere, the path of the dependency is all
// that changes.
let package = Package(
  name: "mpi-examples",
  dependencies: [.package(name: "halo", path: "../..")],
  targets: [
    .executableTarget(name: "Ring", dependencies: [.product(name: "MPI", package: "halo")]),
    .executableTarget(name: "Pi", dependencies: [.product(name: "MPI", package: "halo")]),
    .executableTarget(name: "Halo1D", dependencies: [.product(name: "MPI", package: "halo")]),
    .executableTarget(name: "Halo1DOverlap", dependencies: [.product(name: "MPI", package: "halo")]),
  ]
)
