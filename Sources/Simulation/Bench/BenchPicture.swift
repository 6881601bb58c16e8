internal import Glibc

/// Strong scaling, weak scaling, and where the time of a step goes, side by side, as for a paper.
struct BenchPicture {
  private let strong: [BenchReport.Row]
  private let weak: [BenchReport.Row]
  private let title: String
  private let note: String

  private static let width = 760.0
  private static let panelHeight = 250.0

  init(_ rows: [BenchReport.Row], of series: Bench.Series, in report: BenchReport) {
    strong = rows.filter { !$0.isWeak }
    weak = rows.filter(\.isWeak)
    let bench = report.bench
    let cells = series.cells.map(String.init).joined(separator: " \u{D7} ")
    title = "\(bench.core.title): \(cells) cells, \(bench.core.precision.rawValue) precision"
    note = "medians of \(counted(bench.options.repeats, "run")); bars show the fastest and the slowest"
  }

  /// Writes the picture.
  /// - Parameter path: ends in .png or .svg.
  func render(to path: String) throws(OutputError) {
    let heading = Canvas.measuring { Diagram.Heading(title: title, note: note, width: Self.width - 100, canvas: $0) }
    let legendHeight = 24.0
    let top = heading.height + legendHeight + 16
    let barsTop = top + Self.panelHeight + Diagram.footHeight + 44
    let rowHeight = 22.0
    let barsHeight = rowHeight * Double(strong.count) + 10
    let height = barsTop + barsHeight + Diagram.footHeight + 14
    try Canvas.render(to: path, width: Self.width, height: height) { canvas in
      heading.draw(canvas, left: 56, right: Self.width - 20)
      drawLegend(canvas, y: heading.height + 14)
      let left = Rectangle(x: 56, y: top, width: 300, height: Self.panelHeight)
      let right = Rectangle(x: 436, y: top, width: 300, height: Self.panelHeight)
      drawScaling(canvas, left, strong, isWeak: false)
      drawScaling(canvas, right, weak, isWeak: true)
      let bars = Rectangle(x: 96, y: barsTop, width: Self.width - 96 - 24, height: barsHeight)
      drawBars(canvas, bars, rowHeight)
    }
  }

  // MARK: Scaling

  /// The numbers of threads a rank: each is a curve.
  private var threads: [Int] { Set(strong.map(\.run.of.placing.threads)).sorted() }

  private func color(_ threads: Int) -> Color { .curve(self.threads.firstIndex(of: threads) ?? 0) }

  private func drawLegend(_ canvas: Canvas, y: Double) {
    let lead = "threads a rank:"
    canvas.text(lead, x: 56, y: y, size: Diagram.tickSize)
    var x = 56 + canvas.textWidth(lead, size: Diagram.tickSize) + 10
    for count in threads {
      canvas.dot(x: x + 4, y: y - 3.6, radius: 3.2, color: color(count))
      canvas.text("\(count)", x: x + 12, y: y, size: Diagram.tickSize)
      x += 12 + canvas.textWidth("\(count)", size: Diagram.tickSize) + 16
    }
    x += 8
    canvas.segment(from: (x, y - 3.6), to: (x + 22, y - 3.6), width: 1.2, color: .gray(0.35), dash: [5, 3])
    canvas.text("ideal", x: x + 28, y: y, size: Diagram.tickSize)
  }

  private func drawScaling(_ canvas: Canvas, _ area: Rectangle, _ rows: [BenchReport.Row], isWeak: Bool) {
    let counts = Set(rows.map(\.run.workers)).sorted()
    guard let least = counts.first, let most = counts.last else { return }
    let x = Self.coreScale(least: least, most: most, counts: counts)
    // Strong scaling with doublings at equal distances on both axes, so that the ideal is a straight line.
    let top = isWeak ? max(1.2, rows.map { $0.efficiency * high($0) }.max()! * 1.05) : Double(most) / Double(least)
    let lowest = rows.map { $0.speedup * low($0) }.min()!
    let y =
      isWeak
      ? Scale(PictureAxis("efficiency", units: "1"), lower: 0, upper: top, count: 6)
      : Self.speedupScale(lower: min(lowest, 1), upper: max(top, rows.map { $0.speedup * high($0) }.max()!))
    func place(_ row: BenchReport.Row) -> Double {
      // Layouts with as many cores stand side by side.
      let beside = rows.filter { $0.run.workers == row.run.workers }
      let shift = Double(beside.firstIndex { $0.run === row.run } ?? 0) - Double(beside.count - 1) / 2
      let room = min(7, 40 / Double(beside.count))
      return area.x + x.position(log2(Double(row.run.workers))) * area.width + shift * room
    }
    func level(_ value: Double) -> Double {
      area.bottom - y.position(isWeak ? value : log2(value)) * area.height
    }
    Diagram.drawPanel(canvas, area: area, x: x, y: y)
    let start = area.x + x.position(log2(Double(least))) * area.width
    let end = area.x + x.position(log2(Double(most))) * area.width
    canvas.segment(
      from: (start, level(1)), to: (end, level(isWeak ? 1 : Double(most) / Double(least))), width: 1.2,
      color: .gray(0.35), dash: [5, 3])
    for count in threads {
      let points = rows.filter { $0.run.of.placing.threads == count }
      canvas.curve(
        points.map { (x: place($0), y: level(isWeak ? $0.efficiency : $0.speedup)) }, color: color(count), width: 1.5,
        area: area)
      for row in points {
        let value = isWeak ? row.efficiency : row.speedup
        let (above, below) = (level(value * high(row)), level(value * low(row)))
        let middle = place(row)
        canvas.segment(from: (middle, above), to: (middle, below), width: 1.2, color: color(count))
        for end in [above, below] {
          canvas.segment(from: (middle - 3, end), to: (middle + 3, end), width: 1.2, color: color(count))
        }
        canvas.dot(x: middle, y: level(value), radius: 3.2, color: color(count))
      }
    }
    let heading = isWeak ? "weak scaling: a grid for each core" : "strong scaling: one grid"
    canvas.text(heading, x: area.x, y: area.y - 7, size: Diagram.labelSize, bold: true)
  }

  /// The fastest and the slowest run's speed over the median's.
  private func high(_ row: BenchReport.Row) -> Double { row.run.time.median / row.run.time.minimum }
  private func low(_ row: BenchReport.Row) -> Double { row.run.time.median / row.run.time.maximum }

  private static func coreScale(least: Int, most: Int, counts: [Int]) -> Scale {
    let (lower, upper) = (log2(Double(least)), log2(Double(most)))
    let air = max(0.08 * (upper - lower), 0.2)
    // Every count has its tick where there are few.
    let shown = counts.count <= 8 ? counts : counts.filter { $0 & ($0 - 1) == 0 || $0 == most }
    return Scale(
      lower: lower - air, upper: upper + air, ticks: shown.map { log2(Double($0)) }, labels: shown.map(String.init),
      title: "cores (ranks \u{D7} threads)")
  }

  private static func speedupScale(lower: Double, upper: Double) -> Scale {
    let (low, high) = (log2(lower) - 0.08, log2(max(upper, 1.2)) + 0.12)
    // Half a doubling at a time where there are few of them.
    let factors: [Double] =
      high - low < 1.6 ? [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3] : (-10...20).map { pow(2, Double($0)) }
    let shown = factors.filter { (low...high).contains(log2($0)) }
    return Scale(
      lower: low, upper: high, ticks: shown.map { log2($0) }, labels: shown.map { rounded($0, 7) },
      title: "speedup over the fewest cores")
  }

  // MARK: Where the time goes

  private func drawBars(_ canvas: Canvas, _ area: Rectangle, _ rowHeight: Double) {
    // A prediction that is far off is left out rather than let it squeeze all bars.
    let slowest = strong.map(\.run.time.median).max() ?? 1
    let longest = strong.compactMap(\.run.predicted).reduce(slowest) { $1 < 1.5 * slowest ? max($0, $1) : $0 }
    let unit: (Double, String) = longest < 1e-3 ? (1e-6, "\u{B5}s") : longest < 1 ? (1e-3, "ms") : (1, "s")
    let scale = Scale(
      PictureAxis("time of a step (\(unit.1))", units: "1"), lower: 0, upper: 1.05 * longest / unit.0, count: 8)
    let colors = [Color.curve(0), .curve(1), .curve(2), .curve(4), .gray(0.8)]
    canvas.text(
      "where the time of a step goes (strong scaling)", x: area.x, y: area.y - 22, size: Diagram.labelSize, bold: true)
    var legend = area.x
    for (name, color) in zip(BenchRun.phaseNames + ["other"], colors) {
      canvas.fill(Rectangle(x: legend, y: area.y - 14, width: 9, height: 9), color: color)
      canvas.text(name, x: legend + 13, y: area.y - 6, size: Diagram.tickSize)
      legend += 13 + canvas.textWidth(name, size: Diagram.tickSize) + 16
    }
    canvas.segment(from: (legend + 4, area.y - 15), to: (legend + 4, area.y - 4), width: 1.6, color: .gray(0))
    canvas.text("predicted", x: legend + 11, y: area.y - 6, size: Diagram.tickSize)
    for tick in scale.ticks {
      let x = area.x + scale.position(tick) * area.width
      canvas.line(from: (x, area.y), to: (x, area.bottom), width: 0.5, gray: 0.88)
    }
    for (index, row) in strong.enumerated() {
      let y = area.y + 5 + Double(index) * rowHeight
      var x = area.x
      let phases = row.run.phaseMedians
      let rest = max(0, row.run.time.median - phases.reduce(0, +))
      for (seconds, color) in zip(phases + [rest], colors) {
        let width = seconds / unit.0 / scale.upper * area.width
        canvas.fill(Rectangle(x: x, y: y + 3, width: width, height: rowHeight - 6), color: color)
        x += width
      }
      if let predicted = row.run.predicted, predicted / unit.0 < scale.upper {
        let place = area.x + predicted / unit.0 / scale.upper * area.width
        canvas.segment(from: (place, y), to: (place, y + rowHeight), width: 1.6, color: .gray(0))
      }
      let placing = row.run.of.placing
      canvas.text(
        "\(placing.ranks) \u{D7} \(placing.threads)", x: area.x - 8, y: y + rowHeight / 2 + Diagram.tickSize * 0.36,
        size: Diagram.tickSize, anchor: .end)
    }
    canvas.frame(area)
    Diagram.drawHorizontalAxis(canvas, below: area, scale)
    canvas.text(
      "ranks \u{D7} threads", x: 24, y: area.y + area.height / 2, size: Diagram.labelSize, anchor: .middle, turned: true
    )
  }
}

extension Diagram {
  /// The axes of one panel among several: its title of the y axis stands beside it, not at the page's edge.
  fileprivate static func drawPanel(_ canvas: Canvas, area: Rectangle, x: Scale, y: Scale) {
    for tick in x.ticks {
      let place = area.x + x.position(tick) * area.width
      canvas.line(from: (place, area.y), to: (place, area.bottom), width: 0.5, gray: 0.88)
    }
    for (tick, label) in zip(y.ticks, y.labels) {
      let place = area.bottom - y.position(tick) * area.height
      canvas.line(from: (area.x, place), to: (area.right, place), width: 0.5, gray: 0.88)
      canvas.line(from: (area.x - tickLength, place), to: (area.x, place), width: 1, gray: 0.1)
      canvas.text(label, x: area.x - tickLength - 3, y: place + tickSize * 0.36, size: tickSize, anchor: .end)
    }
    canvas.frame(area)
    drawHorizontalAxis(canvas, below: area, x)
    canvas.text(
      y.title, x: area.x - leftOfTitle, y: area.y + area.height / 2, size: labelSize, anchor: .middle, turned: true)
  }

  private static let leftOfTitle = 40.0
}
