import MPI
import Stencils

/// A slice of the grid gathered on rank 0: a plane of a three-dimensional grid, all of a smaller one.
struct Slice {
  /// The axes of the slice: x, or x and y, ...
  let axes: [Axis]
  /// On rank 0 the values, the first axis fastest; empty elsewhere.
  let values: [Double]

  /// - Parameters:
  ///   - normal: the axis across the slice of a three-dimensional grid.
  ///   - index: the global index along it.
  init<Scalar: Real>(_ field: Field<Scalar>, on domain: Domain<Scalar>, normal: Axis, index: Int) throws(MPIError) {
    let grid = domain.grid
    axes = grid.axes.filter { grid.dimensions < 3 || $0 != normal }
    var box = domain.block
    if grid.dimensions == 3 {
      box.low[normal.rawValue] = max(box.low[normal.rawValue], index)
      box.high[normal.rawValue] = min(box.high[normal.rawValue], index + 1)
    }
    let mine = domain.values(of: field, in: box)
    let corners = [box.low, box.count].flatMap { [Int32($0.x), Int32($0.y), Int32($0.z)] }
    let boxes = try domain.communicator.gather(corners, to: 0)
    guard let shares = try domain.communicator.gatherVariable(mine, to: 0), let boxes else {
      values = []
      return
    }
    let counts = axes.map { grid.cells[$0.rawValue] }
    var all = [Double](repeating: 0, count: counts.reduce(1, *))
    for rank in 0..<domain.communicator.size {
      let part = shares[rank]
      let low = Triple((0..<3).map { Int(boxes[6 * rank + $0]) })
      let count = Triple((3..<6).map { Int(boxes[6 * rank + $0]) })
      for (order, value) in part.enumerated() {
        let cell = low &+ Triple(order % count.x, order / count.x % count.y, order / (count.x * count.y))
        let place = axes.map { cell[$0.rawValue] }
        all[place[0] + (place.count > 1 ? counts[0] * place[1] : 0)] = value
      }
    }
    values = all
  }
}

extension CoreSettings.PictureSettings {
  /// Draws the picture of a field's state. Every rank calls it; rank 0 draws.
  func draw<Scalar: Real>(_ field: Field<Scalar>, on domain: Domain<Scalar>, title: String, time: Double) throws {
    let grid = domain.grid
    var index = grid.cells[axis.rawValue] / 2
    if let position {
      let cells = (position - grid.origin[axis.rawValue]) / grid.spacing[axis.rawValue]
      index = min(max(Int(cells), 0), grid.cells[axis.rawValue] - 1)
    }
    let slice = try Slice(field, on: domain, normal: axis, index: index)
    try OutputError.agreed(on: domain.communicator, path: file) { () throws(OutputError) in
      guard domain.communicator.rank == 0 else { return }
      let quantity = PictureAxis(field.name, units: field.unit)
      func place(_ axis: Axis) -> PictureAxis { PictureAxis(grid.axisNames[axis.rawValue], units: "m") }
      if slice.axes.count == 1 {
        let curve = LinePicture.Curve(x: (0..<grid.cells.x).map { grid.center($0, along: .x) }, y: slice.values)
        var picture = LinePicture(curves: [curve], title: title, xAxis: place(.x), yAxis: quantity)
        picture.time = time
        try picture.render(to: file)
        return
      }
      let (u, v) = (slice.axes[0].rawValue, slice.axes[1].rawValue)
      var heading = title
      if grid.dimensions == 3 { heading += ", \(axis) = \(rounded(grid.center(index, along: axis), 4)) m" }
      var picture = FieldPicture(
        values: slice.values, cells: (grid.cells[u], grid.cells[v]), origin: (grid.origin[u], grid.origin[v]),
        extent: (grid.extent[u], grid.extent[v]), title: heading, quantity: quantity)
      picture.xAxis = place(slice.axes[0])
      picture.yAxis = place(slice.axes[1])
      picture.time = time
      picture.range = range
      try picture.render(to: file)
    }
  }
}
