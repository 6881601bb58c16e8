/// Where the parts of a field's picture go.
struct FieldLayout {
  private static let barWidth = 14.0
  private static let barGap = 16.0

  let x: Scale
  let y: Scale
  let bar: Scale
  let area: Rectangle
  let barArea: Rectangle
  /// Beside a flat field there is no room for a colour bar's labels: it lies below.
  let hasBarBelow: Bool
  let heading: Diagram.Heading
  let headingRight: Double
  let width: Double
  let height: Double

  init(_ picture: FieldPicture, range: (lower: Double, upper: Double), width wanted: Double, canvas: Canvas) {
    let (origin, extent) = (picture.origin, picture.extent)
    let aspect = extent.y / extent.x
    let tallest = 0.8 * wanted
    // Margins depend on the labels and the labels on the lengths, so guess the lengths first.
    let guess = min(max(0.75 * wanted * aspect, 0.16 * wanted), tallest)
    hasBarBelow = guess < 0.36 * wanted
    // Both axes are in the unit that suits the longer one.
    let size = [origin.x, origin.x + extent.x, origin.y, origin.y + extent.y].map { abs($0) }.max()!
    let common = picture.xAxis.units == picture.yAxis.units ? size : 0
    let right = Diagram.margin + 12
    let y = Scale(
      picture.yAxis, lower: origin.y, upper: origin.y + extent.y, count: max(2, Int(guess / 50)), size: common)
    let left = Diagram.leftWidth(y, canvas).rounded()
    let bar = Scale(
      picture.quantity, lower: range.lower, upper: range.upper,
      count: hasBarBelow ? max(3, Int((wanted - left - right) / 66)) : Int(guess / 42))
    let beside =
      Self.barGap + Self.barWidth + Diagram.tickLength + 3 + Diagram.widestLabel(bar, canvas) + 8 + Diagram.labelSize
      + Diagram.margin

    // Lengths are to scale, but for fields that are too flat or too tall to be seen.
    var areaWidth = max(80, wanted - left - (hasBarBelow ? right : beside))
    var areaHeight = areaWidth * aspect
    if areaHeight > tallest { (areaHeight, areaWidth) = (tallest, max(tallest / aspect, 0.16 * wanted)) }
    areaHeight = max(areaHeight, 0.16 * wanted)
    self.y = y
    self.bar = bar
    x = Scale(
      picture.xAxis, lower: origin.x, upper: origin.x + extent.x, count: max(2, Int(areaWidth / 62)), size: common)
    width = (left + areaWidth + (hasBarBelow ? right : beside)).rounded(.up)
    headingRight = hasBarBelow ? left + areaWidth : width - Diagram.margin
    let time = picture.time.map { "t = " + Diagram.timeText($0) } ?? ""
    heading = Diagram.Heading(title: picture.title, note: time, width: headingRight - left, canvas: canvas)
    area = Rectangle(x: left, y: heading.height.rounded(), width: areaWidth, height: areaHeight)
    if hasBarBelow {
      let top = area.bottom + Diagram.footHeight + 10
      barArea = Rectangle(x: left, y: top.rounded(), width: areaWidth, height: Self.barWidth)
      height = (barArea.bottom + Diagram.footHeight + Diagram.margin * 0.7).rounded(.up)
    } else {
      barArea = Rectangle(x: area.right + Self.barGap, y: area.y, width: Self.barWidth, height: areaHeight)
      height = (area.bottom + Diagram.footHeight + Diagram.margin * 0.7).rounded(.up)
    }
  }

  func drawBar(_ canvas: Canvas, map: ColorMap) {
    let length = hasBarBelow ? barArea.width : barArea.height
    let count = Int((length * Canvas.pixelsPerPoint).rounded())
    let pixels = (0..<count).map { map[(Double($0) + 0.5) / Double(count)] }
    if hasBarBelow {
      canvas.image(pixels, columns: count, rows: 1, area: barArea)
      canvas.frame(barArea)
      Diagram.drawHorizontalAxis(canvas, below: barArea, bar)
      return
    }
    canvas.image(pixels.reversed(), columns: 1, rows: count, area: barArea)
    canvas.frame(barArea)
    for (tick, label) in zip(bar.ticks, bar.labels) {
      let place = barArea.bottom - bar.position(tick) * barArea.height
      canvas.line(from: (barArea.right, place), to: (barArea.right + Diagram.tickLength, place), width: 1, gray: 0.1)
      canvas.text(
        label, x: barArea.right + Diagram.tickLength + 3, y: place + Diagram.tickSize * 0.36, size: Diagram.tickSize)
    }
    canvas.text(
      bar.title, x: width - Diagram.margin - 1, y: barArea.y + barArea.height / 2, size: Diagram.labelSize,
      anchor: .middle, turned: true)
  }
}
