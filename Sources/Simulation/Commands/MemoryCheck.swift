internal import Glibc
import MPI
import Stencils

/// Refuses a grid that the machines cannot hold, before memory is asked for.
enum MemoryCheck {
  /// Collective; the same outcome on all ranks.
  /// - Throws: `ConfigurationError` at `grid.cells` where two copies of one field, which every solver needs, are more
  ///   than the memory of a host.
  static func run(_ core: CoreSettings, on world: Communicator) throws {
    let host = try world.splitByHost()
    var cells = 1.0
    for count in core.cells { cells *= Double(count) }
    let bytes = 2 * cells * (core.precision == .float ? 4 : 8)
    let needed = bytes * Double(host.size) / Double(world.size)
    let present = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    // The tightest host speaks for all.
    let excess = try world.allReduce(needed / present, .max)
    let ranksOfTightest = try world.allReduce(needed / present == excess ? host.size : Int.max, .min)
    guard excess > 1 else { return }
    let share = bytes * Double(ranksOfTightest) / Double(world.size)
    throw ConfigurationError(
      core.location(of: "grid.cells"),
      "grid.cells makes \(rounded(cells, 3)) cells, which take \(size(share)) or more on a host with \(size(share / excess)): "
        + "make the grid coarser, or use more hosts" + (core.precision == .double ? " or precision = \"float\"" : ""))
  }

  private static func size(_ bytes: Double) -> String {
    OutputPath.text(bytes: bytes < 9e18 ? Int(bytes) : Int.max)
  }
}
