/// What pictures share: sizes, and an area with a frame, ticks, labels and a heading.
struct Diagram {
  static let margin = 12.0
  static let titleSize = 13.0
  static let labelSize = 11.0
  static let tickSize = 10.0
  static let tickLength = 4.0
  /// Room below an area for tick labels and the axis title.
  static let footHeight = tickLength + 4 + tickSize + 7 + labelSize + 4

  /// Room at the left of an area whose y axis is `scale`.
  static func leftWidth(_ scale: Scale, _ canvas: Canvas) -> Double {
    margin + labelSize + 8 + widestLabel(scale, canvas) + 3 + tickLength
  }

  static func widestLabel(_ scale: Scale, _ canvas: Canvas) -> Double {
    scale.labels.map { canvas.textWidth($0, size: tickSize) }.max() ?? 0
  }

  /// The frame, the ticks and the titles of both axes about `area`.
  static func drawAxes(_ canvas: Canvas, area: Rectangle, x: Scale, y: Scale, grid: Bool) {
    for tick in x.ticks where grid {
      let place = area.x + x.position(tick) * area.width
      canvas.line(from: (place, area.y), to: (place, area.bottom), width: 0.5, gray: 0.88)
    }
    for (tick, label) in zip(y.ticks, y.labels) {
      let place = area.bottom - y.position(tick) * area.height
      if grid { canvas.line(from: (area.x, place), to: (area.right, place), width: 0.5, gray: 0.88) }
      canvas.line(from: (area.x - tickLength, place), to: (area.x, place), width: 1, gray: 0.1)
      canvas.text(label, x: area.x - tickLength - 3, y: place + tickSize * 0.36, size: tickSize, anchor: .end)
    }
    drawHorizontalAxis(canvas, below: area, x)
    canvas.text(
      y.title, x: margin + labelSize * 0.8, y: area.y + area.height / 2, size: labelSize, anchor: .middle, turned: true)
  }

  /// The ticks and the title of the axis at the lower edge of `area`.
  static func drawHorizontalAxis(_ canvas: Canvas, below area: Rectangle, _ scale: Scale) {
    var end = -Double.infinity
    for (tick, label) in zip(scale.ticks, scale.labels) {
      let place = area.x + scale.position(tick) * area.width
      canvas.line(from: (place, area.bottom), to: (place, area.bottom + tickLength), width: 1, gray: 0.1)
      // A narrow area has more ticks than room for labels.
      let half = canvas.textWidth(label, size: tickSize) / 2
      if place - half < end + 5 { continue }
      end = place + half
      canvas.text(label, x: place, y: area.bottom + tickLength + 3 + tickSize, size: tickSize, anchor: .middle)
    }
    canvas.text(
      scale.title, x: area.x + area.width / 2, y: area.bottom + footHeight - 4, size: labelSize, anchor: .middle)
  }

  /// The title and the time above an area: on one line where there is room, else on two, long titles on several.
  struct Heading {
    let lines: [(text: String, isBold: Bool, isRight: Bool, line: Int)]
    let height: Double

    init(title: String, note: String, width: Double, canvas: Canvas) {
      var rows: [String] = []
      for word in title.split(separator: " ") {
        let longer = (rows.last.map { $0 + " " } ?? "") + word
        let fits = canvas.textWidth(longer, size: titleSize, bold: true) <= width
        if rows.isEmpty || !fits { rows.append(String(word)) } else { rows[rows.count - 1] = longer }
      }
      var lines = rows.enumerated().map { (text: $1, isBold: true, isRight: false, line: $0) }
      if !note.isEmpty {
        let used = rows.last.map { canvas.textWidth($0, size: titleSize, bold: true) + 16 } ?? 0
        let fits = !rows.isEmpty && used + canvas.textWidth(note, size: labelSize) <= width
        lines.append((text: note, isBold: false, isRight: fits, line: fits ? rows.count - 1 : rows.count))
      }
      self.lines = lines
      height = margin + Double((lines.map(\.line).max() ?? -1) + 1) * (titleSize + 5) + (lines.isEmpty ? 0 : 3)
    }

    func draw(_ canvas: Canvas, left: Double, right: Double) {
      for line in lines {
        canvas.text(
          line.text, x: line.isRight ? right : left, y: margin + Double(line.line) * (titleSize + 5) + titleSize,
          size: line.isBold ? titleSize : labelSize, anchor: line.isRight ? .end : .start, bold: line.isBold)
      }
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
