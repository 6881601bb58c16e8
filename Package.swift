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
  ],
  targets: [
    // C libraries, one Swift home each.
    .systemLibrary(name: "CMPI", path: "Sources/System/CMPI", pkgConfig: usesMPICH ? "mpich" : "ompi-c"),
    .systemLibrary(name: "CHwloc", path: "Sources/System/CHwloc", pkgConfig: "hwloc"),
    .systemLibrary(name: "CPnetCDF", path: "Sources/System/CPnetCDF", pkgConfig: "pnetcdf"),
    .systemLibrary(name: "CMuParser", path: "Sources/System/CMuParser", pkgConfig: "muparser"),
    .systemLibrary(name: "CCairo", path: "Sources/System/CCairo", pkgConfig: "cairo"),
    .target(
      name: "CToml", path: "Sources/System/CToml",
      cxxSettings: [.define("TOML_HEADER_ONLY", to: "0"), .define("TOML_SHARED_LIB", to: "1")],
      linkerSettings: [.linkedLibrary("tomlplusplus")]),
    .target(name: "CLanes", path: "Sources/System/CLanes"),

    // The toolkit.
    .target(name: "MPI", dependencies: ["CMPI"]),
    .target(name: "Threads", dependencies: ["CHwloc"]),
    .target(name: "Stencils", dependencies: ["MPI", "Threads", "CLanes"]),
    .target(name: "Heat", dependencies: ["Stencils"]),
    .target(
      name: "Simulation",
      dependencies: ["Stencils", "MPI", "Threads", "CPnetCDF", "CMPI", "CToml", "CMuParser", "CCairo"]),
    .executableTarget(name: "heatsim", dependencies: ["Heat", "Simulation"]),

    .testTarget(name: "OutputTests", dependencies: ["Simulation", "CPnetCDF", "CMPI"]),
  ],
  cxxLanguageStandard: .cxx17
)
