// swift-tools-version: 6.2
import PackageDescription

// Where this folder is copied elsewhere, the path of the dependency is all that changes.
let package = Package(
  name: "gray-scott",
  dependencies: [.package(name: "halo", path: "../..")],
  targets: [
    .executableTarget(name: "grayscott", dependencies: [.product(name: "Halo", package: "halo")])
  ]
)
