// swift-tools-version: 6.2
import PackageDescription

// Both MPI implementations build from the same sources: HALO_MPI=mpich, with a --scratch-path of its own.
let usesMPICH = Context.environment["HALO_MPI"] == "mpich"

let package = Package(
  name: "halo",
  products: [
    .library(name: "MPI", targets: ["MPI"]),
    .library(name: "Halo", targets: ["Stencils", "Simulation"]),
    .executable(name: "heatsim", targets: ["heatsim"]),
    .executable(name: "weathersim", targets: ["weathersim"]),
  ],
  targets: [
    // C libraries, one Swift home each.
    .systemLibrary(name: "CMPI", path: "Sources/System/CMPI", pkgConfig: usesMPICH ? "mpich" : "ompi-c"),
    .systemLibrary(name: "CHwloc", path: "Sources/System/CHwloc", pkgConfig: "hwloc"),
    .systemLibrary(name: "CPnetCDF", path: "Sources/System/CPnetCDF", pkgConfig: "pnetcdf"),
    .systemLibrary(name: "CMuParser", path: "Sources/System/CMuParser", pkgConfig: "muparser"),
    .systemLibrary(name: "CCairo", path: "Sources/System/CCairo", pkgConfig: "cairo"),
    .systemLibrary(name: "CXxHash", path: "Sources/System/CXxHash", pkgConfig: "libxxhash"),
    .systemLibrary(name: "CFiles", path: "Sources/System/CFiles"),
    .target(
      name: "CToml", path: "Sources/System/CToml",
      cxxSettings: [.define("TOML_HEADER_ONLY", to: "0"), .define("TOML_SHARED_LIB", to: "1")],
      linkerSettings: [.linkedLibrary("tomlplusplus")]),
    .target(name: "CLanes", path: "Sources/System/CLanes"),
    .systemLibrary(name: "CSleef", path: "Sources/System/CSleef", pkgConfig: "sleef"),

    // The toolkit.
    .target(name: "MPI", dependencies: ["CMPI"]),
    .target(name: "Threads", dependencies: ["CHwloc"]),
    .target(name: "Stencils", dependencies: ["MPI", "Threads", "CLanes", "CSleef"]),
    .target(name: "Heat", dependencies: ["Stencils"]),
    .target(name: "Weather", dependencies: ["Stencils"]),
    .target(
      name: "Simulation",
      dependencies: [
        "Stencils", "MPI", "Threads", "CPnetCDF", "CMPI", "CToml", "CMuParser", "CCairo", "CXxHash", "CFiles",
      ]),
    .executableTarget(name: "heatsim", dependencies: ["Heat", "Simulation"]),
    .executableTarget(name: "weathersim", dependencies: ["Weather", "Simulation"]),

    // Tests, and the programs that they run under mpirun.
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .target(
      name: "TestSupport", dependencies: ["AllocationCounter"], path: "Tests/Support",
      swiftSettings: usesMPICH ? [.define("HALO_MPICH")] : []),
    .executableTarget(
      name: "mpi-bench", dependencies: ["MPI", "AllocationCounter"], path: "Benchmarks/mpi", exclude: ["mpi.c"]),
    .executableTarget(
      name: "halo-bench", dependencies: ["Stencils", "MPI", "Threads"], path: "Benchmarks/halo", exclude: ["halo.c"]),
    .executableTarget(name: "mpi-failing", dependencies: ["MPI"], path: "Tests/MPIPrograms/failing"),
    .testTarget(name: "MPITests", dependencies: ["MPI", "TestSupport", "mpi-failing"], path: "Tests/MPITests"),
    .target(name: "TestWorld", dependencies: ["MPI", "TestSupport"], path: "Tests/World"),
    .testTarget(name: "OutputTests", dependencies: ["Simulation", "MPI", "TestSupport", "TestWorld"]),
    .testTarget(name: "ThreadsTests", dependencies: ["Threads", "TestSupport"]),
    .testTarget(name: "StencilsTests", dependencies: ["Stencils", "Threads", "MPI", "TestSupport", "TestWorld"]),
    .testTarget(name: "HeatTests", dependencies: ["Heat", "Stencils", "Threads", "MPI", "TestSupport", "TestWorld"]),
    .testTarget(name: "WeatherTests", dependencies: ["Weather", "Stencils", "TestSupport", "weathersim"]),
    .testTarget(name: "ConfigurationTests", dependencies: ["Simulation", "Stencils", "TestSupport"]),
    // The built command as users start it.
    .testTarget(name: "CommandTests", dependencies: ["TestSupport", "heatsim"]),
    .testTarget(name: "BenchTests", dependencies: ["Simulation", "TestSupport", "heatsim"]),
    .testTarget(
      name: "CheckpointTests",
      dependencies: ["Simulation", "MPI", "TestSupport", "TestWorld", "heatsim", "weathersim"]),
    // The solvers of Examples, which are packages of their own, once more for their tests.
    .executableTarget(
      name: "example-gray-scott", dependencies: ["Stencils", "Simulation"], path: "Examples/GrayScott/Sources/grayscott"
    ),
    .executableTarget(
      name: "example-wave", dependencies: ["Stencils", "Simulation"], path: "Examples/Wave/Sources/wave"),
    .executableTarget(
      name: "example-advection", dependencies: ["Stencils", "Simulation"], path: "Examples/Advection/Sources/advection"),
    .testTarget(
      name: "ExampleTests",
      dependencies: ["TestSupport", "heatsim", "example-gray-scott", "example-wave", "example-advection"]),
    // Solvers with an author's slips, and what is said of them.
    .executableTarget(name: "mistaken", dependencies: ["Stencils", "Simulation"], path: "Tests/Mistaken"),
    .testTarget(name: "MistakeTests", dependencies: ["TestSupport", "heatsim", "mistaken"]),
    .testTarget(name: "SimulationTests", dependencies: ["TestSupport", "heatsim"]),
  ],
  cxxLanguageStandard: .cxx17
)

// PnetCDF is built for Open MPI alone: with MPICH, whatever stands on it is left out.
if usesMPICH {
  var removed: Set = ["CPnetCDF"]
  var count = 0
  while removed.count != count {
    count = removed.count
    for target in package.targets {
      for case .byNameItem(let name, _) in target.dependencies where removed.contains(name) {
        removed.insert(target.name)
      }
    }
  }
  package.targets.removeAll { removed.contains($0.name) }
  package.products = [.library(name: "MPI", targets: ["MPI"])]
}

// HALO_TESTS=MPITests leaves out what these tests do not need.
if let tests = Context.environment["HALO_TESTS"] {
  var kept: Set = [tests]
  var count = 0
  while kept.count != count {
    count = kept.count
    for target in package.targets where kept.contains(target.name) {
      for case .byNameItem(let name, _) in target.dependencies { kept.insert(name) }
    }
  }
  package.targets.removeAll { !kept.contains($0.name) }
  package.products = [.library(name: "MPI", targets: ["MPI"])]
}
