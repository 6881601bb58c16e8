import MPI
import Stencils

/// Evaluates what the configuration gives by formula, to refuse values that are not finite or out of range with the
/// formula's text and the place, where the state would only blow up.
struct QuantityCheck<Scalar: Real> {
  private let inside: [Quantity]
  private let onSides: [(side: Side, quantities: [Quantity])]
  private let domain: Domain<Scalar>
  private let varies: Bool

  init(_ configuration: Configuration, on domain: Domain<Scalar>) {
    self.domain = domain
    inside = configuration.parameters.quantities.filter(\.variesInTime)
    onSides = Side.all(dimensions: domain.grid.dimensions).map { side in
      (side, configuration.boundary[side]?.parameters.quantities.filter { $0.constant == nil } ?? [])
    }
    varies = !inside.isEmpty || onSides.contains { $0.quantities.contains(where: \.variesInTime) }
  }

  /// Collective: the same outcome on all ranks. At times after the start only what varies in time is evaluated.
  /// - Throws: the complaint of the lowest rank that has one.
  func check(at time: Double) throws {
    guard varies || time == 0 else { return }
    var found: ConfigurationError?
    do throws(ConfigurationError) { try checkOwn(at: time) } catch { found = error }
    let rank = domain.communicator.rank
    let first = try domain.communicator.allReduce(found == nil ? Int.max : rank, .min)
    guard first != Int.max else { return }
    // Each rank has a complaint of its own place; that of the lowest is told by all.
    let parts = found.map { [$0.location.file, "\($0.location.line)", "\($0.location.column)", $0.message] }
    var told: [String] = []
    for index in 0..<4 { told.append(try domain.communicator.broadcast(parts?[index] ?? "", from: first)) }
    throw ConfigurationError(
      SourceLocation(file: told[0], line: Int(told[1])!, column: Int(told[2])!), told[3])
  }

  private func checkOwn(at time: Double) throws(ConfigurationError) {
    let grid = domain.grid
    let block = domain.block
    if !inside.isEmpty { try check(inside, in: block, at: time, face: nil) }
    for (side, quantities) in onSides {
      let checked = time == 0 ? quantities : quantities.filter(\.variesInTime)
      let axis = side.axis.rawValue
      let isHere = side.isHigh ? block.high[axis] == grid.cells[axis] : block.low[axis] == 0
      guard !checked.isEmpty, isHere else { continue }
      var slab = block
      if side.isHigh { slab.low[axis] = block.high[axis] - 1 } else { slab.high[axis] = 1 }
      try check(checked, in: slab, at: time, face: side)
    }
  }

  private func check(_ quantities: [Quantity], in box: Box, at time: Double, face: Side?) throws(ConfigurationError) {
    let grid = domain.grid
    for z in box.low.z..<box.high.z {
      for y in box.low.y..<box.high.y {
        for x in box.low.x..<box.high.x {
          var place = grid.axes.map { grid.center([x, y, z][$0.rawValue], along: $0) }
          if let face {
            let axis = face.axis.rawValue
            place[axis] = grid.origin[axis] + (face.isHigh ? grid.extent[axis] : 0)
          }
          place += [0, 0]
          let point = Point(
            x: place[0], y: grid.dimensions > 1 ? place[1] : 0, z: grid.dimensions > 2 ? place[2] : 0, t: time)
          for quantity in quantities { _ = try quantity.checked(point, dimensions: grid.dimensions) }
        }
      }
    }
  }
}
