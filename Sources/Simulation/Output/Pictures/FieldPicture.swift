/// A field over two dimensions as a picture with axes and a colour bar.
package struct FieldPicture: Sendable {
  package enum Colors: Sendable {
    /// `diverging` where the values lie on both sides of zero, else `sequential`.
    case automatic
    case sequential
    /// Symmetric about zero.
    case diverging
  }

  /// Row-major, x fastest, y upward; a value that is not finite is drawn in grey.
  package var values: [Double]
  /// Cells along x and y.
  package var cells: (x: Int, y: Int)
  /// Lower left corner.
  package var origin: (x: Double, y: Double)
  /// Lengths along x and y.
  package var extent: (x: Double, y: Double)
  package var title: String
  /// The quantity.
  package var quantity: PictureAxis
  package var xAxis = PictureAxis("x", units: "m")
  package var yAxis = PictureAxis("y", units: "m")
  /// The time to be told, in s.
  package var time: Double?
  package var colors = Colors.automatic
  /// The values of the colour bar's ends; those of the field where nil.
  package var range: ClosedRange<Double>?
  /// Whether values change smoothly between the centres of cells, or each cell has one colour.
  package var isSmooth = false

  package init(
    values: [Double], cells: (x: Int, y: Int), origin: (x: Double, y: Double) = (0, 0), extent: (x: Double, y: Double),
    title: String, quantity: PictureAxis
  ) {
    precondition(cells.x > 0 && cells.y > 0 && values.count == cells.x * cells.y, "one value for each cell")
    precondition(extent.x > 0 && extent.y > 0, "the extent is positive")
    self.values = values
    self.cells = cells
    self.origin = origin
    self.extent = extent
    self.title = title
    self.quantity = quantity
  }

  /// Writes the picture, on the calling process alone.
  /// - Parameters:
  ///   - path: ends in .png or .svg. A PNG has two pixels a point.
  ///   - width: the width in points that the picture may take; a tall field takes less.
  /// - Throws: `OutputError` if the file cannot be written; nothing is left then.
  package func render(to path: String, width: Double = 600) throws(OutputError) {
    let (map, range) = colorsAndRange()
    let layout = Canvas.measuring { FieldLayout(self, range: range, width: width, canvas: $0) }
    try Canvas.render(to: path, width: layout.width, height: layout.height) { canvas in
      layout.heading.draw(canvas, left: layout.area.x, right: layout.headingRight)
      let columns = max(1, Int((layout.area.width * Canvas.pixelsPerPoint).rounded()))
      let rows = max(1, Int((layout.area.height * Canvas.pixelsPerPoint).rounded()))
      let raster = Raster(values, cells: cells, columns: columns, rows: rows, isSmooth: isSmooth)
      let pixels = raster.values.map { $0.isFinite ? map[layout.bar.position($0)] : Color.missing }
      canvas.image(pixels, columns: columns, rows: rows, area: layout.area)
      canvas.frame(layout.area)
      Diagram.drawAxes(canvas, area: layout.area, x: layout.x, y: layout.y, grid: false)
      layout.drawBar(canvas, map: map)
    }
  }

  private func colorsAndRange() -> (ColorMap, (lower: Double, upper: Double)) {
    var (lower, upper) = range.map { Scale.widened($0.lowerBound, $0.upperBound) } ?? Scale.range(of: values)
    let isDiverging: Bool =
      switch colors {
      case .automatic: lower < 0 && upper > 0 && min(-lower, upper) > 0.1 * max(-lower, upper)
      case .sequential: false
      case .diverging: true
      }
    if isDiverging && range == nil {
      upper = max(abs(lower), abs(upper))
      lower = -upper
    }
    return (isDiverging ? .diverging : .sequential, (lower, upper))
  }
}
