/// Curves over one axis: profiles along x, or series over time.
package struct LinePicture: Sendable {
  package struct Curve: Sendable {
    /// What the legend calls the curve; empty for none.
    package var label: String
    package var x: [Double]
    /// A value that is not finite breaks the curve.
    package var y: [Double]

    package init(label: String = "", x: [Double], y: [Double]) {
      precondition(x.count == y.count, "one y for each x")
      self.label = label
      self.x = x
      self.y = y
    }
  }

  package var curves: [Curve]
  package var title: String
  package var xAxis: PictureAxis
  package var yAxis: PictureAxis
  /// The time to be told, in s.
  package var time: Double?

  package init(curves: [Curve], title: String, xAxis: PictureAxis, yAxis: PictureAxis) {
    self.curves = curves
    self.title = title
    self.xAxis = xAxis
    self.yAxis = yAxis
  }

  /// Writes the picture, on the calling process alone.
  /// - Parameters:
  ///   - path: ends in .png or .svg. A PNG has two pixels a point.
  ///   - width: the width in points.
  /// - Throws: `OutputError` if the file cannot be written; nothing is left then.
  package func render(to path: String, width: Double = 560) throws(OutputError) {
    let layout = Canvas.measuring { Layout(self, width: width, canvas: $0) }
    try Canvas.render(to: path, width: width, height: layout.height) { canvas in
      layout.heading.draw(canvas, left: layout.area.x, right: layout.area.right)
      Diagram.drawAxes(canvas, area: layout.area, x: layout.x, y: layout.y, grid: true)
      canvas.frame(layout.area)
      for (index, curve) in curves.enumerated() { draw(curve, index: index, canvas: canvas, layout: layout) }
      for entry in layout.legend {
        let middle = entry.y - Diagram.tickSize * 0.36
        canvas.curve(
          [(entry.x, middle), (entry.x + 18, middle)], color: .curve(entry.curve), width: 2,
          area: Rectangle(x: 0, y: 0, width: width, height: layout.height))
        canvas.text(curves[entry.curve].label, x: entry.x + 24, y: entry.y, size: Diagram.tickSize)
      }
    }
  }

  private func draw(_ curve: Curve, index: Int, canvas: Canvas, layout: Layout) {
    let area = layout.area
    let points = zip(curve.x, curve.y).map {
      (x: area.x + layout.x.position($0) * area.width, y: area.bottom - layout.y.position($1) * area.height)
    }
    canvas.curve(points, color: .curve(index), width: 1.6, area: area)
    // Few points are shown one by one: a line through them alone would promise more than is known.
    if points.count <= 24 {
      for point in points { canvas.dot(x: point.x, y: point.y, radius: 2.4, color: .curve(index)) }
    }
  }

  private struct Layout {
    let x: Scale
    let y: Scale
    let area: Rectangle
    let heading: Diagram.Heading
    let legend: [(curve: Int, x: Double, y: Double)]
    let height: Double

    init(_ picture: LinePicture, width: Double, canvas: Canvas) {
      let areaHeight = 0.5 * width
      let (xLower, xUpper) = Scale.range(of: picture.curves.lazy.flatMap(\.x))
      let (yLower, yUpper) = Scale.range(of: picture.curves.lazy.flatMap(\.y))
      let air = 0.04 * (yUpper - yLower)
      let y = Scale(picture.yAxis, lower: yLower - air, upper: yUpper + air, count: Int(areaHeight / 40))
      let left = Diagram.leftWidth(y, canvas).rounded()
      // Half of the last tick's label may stand out to the right.
      let areaWidth = width - left - Diagram.margin - 12
      x = Scale(picture.xAxis, lower: xLower, upper: xUpper, count: max(2, Int(areaWidth / 66)))
      self.y = y
      let time = picture.time.map { "t = " + Diagram.timeText($0) } ?? ""
      heading = Diagram.Heading(title: picture.title, note: time, width: areaWidth, canvas: canvas)
      // The legend stands above the area, where it hides no curve.
      var legend: [(curve: Int, x: Double, y: Double)] = []
      let lineHeight = Diagram.tickSize + 6
      var (place, bottom) = (left, heading.height + Diagram.tickSize)
      for (index, curve) in picture.curves.enumerated() where !curve.label.isEmpty {
        let length = 24 + canvas.textWidth(curve.label, size: Diagram.tickSize) + 18
        if place > left && place + length - 18 > left + areaWidth { (place, bottom) = (left, bottom + lineHeight) }
        legend.append((index, place, bottom))
        place += length
      }
      self.legend = legend
      let top = legend.isEmpty ? heading.height : bottom + 8
      area = Rectangle(x: left, y: top.rounded(), width: areaWidth, height: areaHeight)
      height = (area.bottom + Diagram.footHeight + Diagram.margin * 0.7).rounded(.up)
    }
  }
}
