/// A field over two dimensions as a picture with axes and a colour bar.
public struct FieldPicture: Sendable {
  public enum Colors: Sendable {
    /// `diverging` where the values lie on both sides of zero, else `sequential`.
    case automatic
    case sequential
    /// Symmetric about zero.
    case diverging
  }

  /// Row-major, x fastest, y upward; a value that is not finite is drawn in grey.
  public var values: [Double]
  /// Cells along x and y.
  public var cells: (x: Int, y: Int)
  /// Lower left corner.
  public var origin: (x: Double, y: Double)
  /// Lengths along x and y.
  public var extent: (x: Double, y: Double)
  public var title: String
  /// The quantity.
  public var quantity: PictureAxis
  public var xAxis = PictureAxis("x", units: "m")
  public var yAxis = PictureAxis("y", units: "m")
  /// The time to be told, in s.
  public var time: Double?
  public var colors = Colors.automatic
  /// The values of the colour bar's ends; those of the field where nil.
  public var range: ClosedRange<Double>?
  /// Whether values change smoothly between the centres of cells, or each cell has one colour.
  public var isSmooth = false

  public init(
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
  public func render(to path: String, width: Double = 600) throws(OutputError) {
    let (map, range) = colorsAndRange()
    let layout = Canvas.measuring { Layout(self, range: range, width: width, canvas: $0) }
    try Canvas.render(to: path, width: layout.width, height: layout.height) { canvas in
      layout.heading.draw(canvas, left: layout.area.x, right: layout.headingRight)
      let columns = max(1, Int((layout.area.width * Canvas.pixelsPerPoint).rounded()))
      let rows = max(1, Int((layout.area.height * Canvas.pixelsPerPoint).rounded()))
      let raster = Raster(values, cells: cells, columns: columns, rows: rows, isSmooth: isSmooth)
      let pixels = raster.values.map { $0.isFinite ? map[layout.bar.position($0)] : Color.missing }
      canvas.image(pixels, columns: columns, rows: rows, area: layout.area)
      canvas.frame(layout.area)
      Diagram.drawAxes(canvas, area: layout.area, x: layout.x, y: layout.y, grid: false)
      drawBar(canvas, layout: layout, map: map)
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

  private func drawBar(_ canvas: Canvas, layout: Layout, map: ColorMap) {
    let bar = layout.barArea
    let rows = Int((bar.height * Canvas.pixelsPerPoint).rounded())
    let pixels = (0..<rows).map { map[1 - (Double($0) + 0.5) / Double(rows)] }
    canvas.image(pixels, columns: 1, rows: rows, area: bar)
    canvas.frame(bar)
    for (tick, label) in zip(layout.bar.ticks, layout.bar.labels) {
      let place = bar.bottom - layout.bar.position(tick) * bar.height
      canvas.line(from: (bar.right, place), to: (bar.right + Diagram.tickLength, place), width: 1, gray: 0.1)
      canvas.text(
        label, x: bar.right + Diagram.tickLength + 3, y: place + Diagram.tickSize * 0.36, size: Diagram.tickSize)
    }
    canvas.text(
      layout.bar.title, x: layout.width - Diagram.margin - 1, y: bar.y + bar.height / 2, size: Diagram.labelSize,
      anchor: .middle, turned: true)
  }

  /// Where everything goes.
  private struct Layout {
    let x: Scale
    let y: Scale
    let bar: Scale
    let area: Rectangle
    let barArea: Rectangle
    let heading: Diagram.Heading
    let headingRight: Double
    let width: Double
    let height: Double

    init(_ picture: FieldPicture, range: (lower: Double, upper: Double), width wanted: Double, canvas: Canvas) {
      let (origin, extent) = (picture.origin, picture.extent)
      func scale(_ axis: PictureAxis, _ lower: Double, _ upper: Double, _ length: Double, _ spacing: Double) -> Scale {
        Scale(axis, lower: lower, upper: upper, count: max(2, Int(length / spacing)))
      }
      let barWidth = 14.0
      // Margins depend on the labels and the labels on the lengths, so guess the lengths first.
      let guess = 0.75 * wanted
      let aspect = extent.y / extent.x
      let tallest = 0.8 * wanted
      let guessHeight = min(max(guess * aspect, 0.16 * wanted), tallest)
      let y = scale(picture.yAxis, origin.y, origin.y + extent.y, guessHeight, 42)
      let bar = scale(picture.quantity, range.lower, range.upper, max(guessHeight, 110), 42)
      let left = Diagram.leftWidth(y, canvas)
      let barLabels = Diagram.tickLength + 3 + Diagram.widestLabel(bar, canvas)
      let right = 16 + barWidth + barLabels + 8 + Diagram.labelSize + Diagram.margin
      // Lengths are to scale, but for fields that are too flat or too tall to be seen.
      let room = max(80, wanted - left - right)
      var areaWidth = room
      var areaHeight = room * aspect
      if areaHeight > tallest { (areaHeight, areaWidth) = (tallest, max(tallest / aspect, 0.16 * wanted)) }
      areaHeight = max(areaHeight, 0.16 * wanted)
      self.y = y
      self.bar = bar
      x = scale(picture.xAxis, origin.x, origin.x + extent.x, areaWidth, 62)
      width = (left + areaWidth + right).rounded(.up)
      headingRight = width - Diagram.margin
      let time = picture.time.map { "t = " + Diagram.timeText($0) } ?? ""
      heading = Diagram.Heading(title: picture.title, note: time, width: headingRight - left, canvas: canvas)
      // The bar is long enough for its ticks even where the field is flat.
      area = Rectangle(x: left.rounded(), y: heading.height.rounded(), width: areaWidth, height: areaHeight)
      barArea = Rectangle(x: area.right + 16, y: area.y, width: barWidth, height: areaHeight)
      let barTitle = canvas.textWidth(bar.title, size: Diagram.labelSize)
      height = (area.bottom + max(Diagram.footHeight, (barTitle - areaHeight) / 2) + Diagram.margin * 0.7).rounded(.up)
    }
  }
}

extension Diagram {
  /// A time as in "2.5 s" or "36 h", in the unit that a time axis of this length has.
  static func timeText(_ time: Double) -> String {
    let scale: (Double, String) =
      switch abs(time) {
      case 259_200...: (86400, "d")
      case 10_800...: (3600, "h")
      case 600...: (60, "min")
      case 0, 0.1...: (1, "s")
      case 1e-4...: (1e-3, "ms")
      default: (1e-6, "\u{B5}s")
      }
    let text = significant(time / scale.0, digits: 5)
    return (text.hasPrefix("-") ? "\u{2212}" + text.dropFirst() : text) + " " + scale.1
  }
}

/// A field brought to the pixels of a picture: means where cells are smaller than pixels, else cell values or, if
/// smooth, values between cell centres.
struct Raster {
  /// Upper left first.
  let values: [Double]

  init(_ field: [Double], cells: (x: Int, y: Int), columns: Int, rows: Int, isSmooth: Bool) {
    let across = Self.taps(cells: cells.x, pixels: columns, isSmooth: isSmooth)
    let up = Self.taps(cells: cells.y, pixels: rows, isSmooth: isSmooth)
    var values = [Double](repeating: .nan, count: columns * rows)
    for row in 0..<rows {
      for column in 0..<columns {
        var (sum, weights) = (0.0, 0.0)
        let vertical = up[rows - 1 - row]
        for (y, weightY) in zip(vertical.first..., vertical.weights) {
          for (x, weightX) in zip(across[column].first..., across[column].weights) {
            let value = field[y * cells.x + x]
            if value.isFinite && weightX * weightY > 0 {
              sum += weightX * weightY * value
              weights += weightX * weightY
            }
          }
        }
        // A pixel is missing where most of it is.
        if weights > 0.5 { values[row * columns + column] = sum / weights }
      }
    }
    self.values = values
  }

  /// For each pixel the cells that it shows, and their weights, which add up to 1.
  private static func taps(cells: Int, pixels: Int, isSmooth: Bool) -> [(first: Int, weights: [Double])] {
    (0..<pixels).map { pixel in
      if cells > pixels {
        let first = pixel * cells / pixels
        let count = (pixel + 1) * cells / pixels - first
        return (first, [Double](repeating: 1 / Double(count), count: count))
      }
      let place = (Double(pixel) + 0.5) * Double(cells) / Double(pixels)
      if !isSmooth || cells == 1 { return (min(Int(place), cells - 1), [1]) }
      let center = min(max(place - 0.5, 0), Double(cells - 1))
      let first = min(Int(center), cells - 2)
      return (first, [1 - (center - Double(first)), center - Double(first)])
    }
  }
}
