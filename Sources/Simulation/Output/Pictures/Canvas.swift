internal import CCairo

/// A page of `width` by `height` points, y downward, with the few marks that a diagram needs, drawn by Cairo.
struct Canvas {
  enum Anchor { case start, middle, end }

  static let fontFamily = "DejaVu Sans"

  private let context: OpaquePointer
  let width: Double
  let height: Double
  /// Pixels a point, for raster images; PNG pictures are drawn at this resolution.
  static let pixelsPerPoint = 2.0

  /// Draws a picture and puts it under `path`, as PNG or SVG by the extension.
  /// - Throws: `OutputError` if the extension is another one or the file cannot be written.
  static func render(
    to path: String, width: Double, height: Double, _ draw: (Canvas) -> Void
  ) throws(OutputError) {
    let action = "write the picture"
    let sink = Sink()
    let target = Unmanaged.passUnretained(sink).toOpaque()
    let surface: OpaquePointer
    let isPNG: Bool
    switch OutputPath.fileExtension(of: path) {
    case "png":
      isPNG = true
      surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, CInt((width * pixelsPerPoint).rounded()), CInt((height * pixelsPerPoint).rounded()))
      cairo_surface_set_device_scale(surface, pixelsPerPoint, pixelsPerPoint)
    case "svg":
      isPNG = false
      surface = cairo_svg_surface_create_for_stream(Sink.append, target, width, height)
    default:
      throw OutputError(
        path: path, action: action, reason: "its name ends neither in .png nor in .svg",
        remedy: "end the name in .png or .svg")
    }
    let context = cairo_create(surface)!
    cairo_set_source_rgb(context, 1, 1, 1)
    cairo_paint(context)
    draw(Canvas(context: context, width: width, height: height))
    var status = cairo_status(context)
    cairo_destroy(context)
    if isPNG && status == CAIRO_STATUS_SUCCESS {
      status = cairo_surface_write_to_png_stream(surface, Sink.append, target)
    }
    cairo_surface_finish(surface)
    if status == CAIRO_STATUS_SUCCESS { status = cairo_surface_status(surface) }
    cairo_surface_destroy(surface)
    if status != CAIRO_STATUS_SUCCESS {
      throw OutputError(path: path, action: action, reason: String(cString: cairo_status_to_string(status)))
    }
    try OutputPath.write(sink.bytes, to: path, action: action)
  }

  /// Runs `body` on a canvas without a page, to measure texts before the page has its size.
  static func measuring<Value>(_ body: (Canvas) -> Value) -> Value {
    let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1)
    let context = cairo_create(surface)!
    defer {
      cairo_destroy(context)
      cairo_surface_destroy(surface)
    }
    return body(Canvas(context: context, width: 0, height: 0))
  }

  // MARK: Text

  private func selectFont(_ size: Double, bold: Bool) {
    // Any font stands in where this one is missing; without any, Cairo draws letters of its own.
    cairo_select_font_face(
      context, Self.fontFamily, CAIRO_FONT_SLANT_NORMAL, bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, size)
  }

  /// The length of a line of text, in points.
  func textWidth(_ text: String, size: Double, bold: Bool = false) -> Double {
    selectFont(size, bold: bold)
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, text, &extents)
    return extents.x_advance
  }

  /// Writes a line of text whose baseline begins, has its middle or ends at (x, y); `turned` by 90 degrees to the left.
  func text(
    _ text: String, x: Double, y: Double, size: Double, anchor: Anchor = .start, bold: Bool = false,
    turned: Bool = false
  ) {
    let length = textWidth(text, size: size, bold: bold)
    let shift: Double =
      switch anchor {
      case .start: 0
      case .middle: -length / 2
      case .end: -length
      }
    cairo_save(context)
    cairo_translate(context, x, y)
    if turned { cairo_rotate(context, -Double.pi / 2) }
    cairo_move_to(context, shift, 0)
    cairo_set_source_rgb(context, 0.1, 0.1, 0.1)
    cairo_show_text(context, text)
    cairo_restore(context)
  }

  // MARK: Lines and areas

  func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), width: Double, gray: Double) {
    cairo_set_source_rgb(context, gray, gray, gray)
    cairo_set_line_width(context, width)
    cairo_move_to(context, start.x, start.y)
    cairo_line_to(context, end.x, end.y)
    cairo_stroke(context)
  }

  /// A line in a colour, broken into dashes of the given lengths where there are any.
  func segment(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), width: Double, color: Color, dash: [Double] = []
  ) {
    cairo_set_source_rgb(context, color.red, color.green, color.blue)
    cairo_set_line_width(context, width)
    cairo_set_dash(context, dash, CInt(dash.count), 0)
    cairo_move_to(context, start.x, start.y)
    cairo_line_to(context, end.x, end.y)
    cairo_stroke(context)
    cairo_set_dash(context, nil, 0, 0)
  }

  func fill(_ area: Rectangle, color: Color) {
    cairo_set_source_rgb(context, color.red, color.green, color.blue)
    cairo_rectangle(context, area.x, area.y, area.width, area.height)
    cairo_fill(context)
  }

  func frame(_ area: Rectangle) {
    cairo_set_source_rgb(context, 0.1, 0.1, 0.1)
    cairo_set_line_width(context, 1)
    cairo_rectangle(context, area.x, area.y, area.width, area.height)
    cairo_stroke(context)
  }

  /// A curve through `points`, broken where a point is not finite, inside `area`.
  func curve(_ points: [(x: Double, y: Double)], color: Color, width: Double, area: Rectangle) {
    cairo_save(context)
    cairo_rectangle(context, area.x, area.y, area.width, area.height)
    cairo_clip(context)
    cairo_set_source_rgb(context, color.red, color.green, color.blue)
    cairo_set_line_width(context, width)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
    var isDown = false
    for point in points {
      guard point.x.isFinite && point.y.isFinite else {
        isDown = false
        continue
      }
      if isDown { cairo_line_to(context, point.x, point.y) } else { cairo_move_to(context, point.x, point.y) }
      isDown = true
    }
    cairo_stroke(context)
    cairo_restore(context)
  }

  func dot(x: Double, y: Double, radius: Double, color: Color) {
    guard x.isFinite && y.isFinite else { return }
    cairo_set_source_rgb(context, color.red, color.green, color.blue)
    cairo_new_sub_path(context)
    cairo_arc(context, x, y, radius, 0, 2 * Double.pi)
    cairo_fill(context)
  }

  /// Fills `area` with an image of `columns` by `rows` pixels, 0x00RRGGBB, upper left first.
  func image(_ pixels: [UInt32], columns: Int, rows: Int, area: Rectangle) {
    let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, CInt(columns), CInt(rows))
    defer { cairo_surface_destroy(surface) }
    guard let bytes = cairo_image_surface_get_data(surface) else { return }
    let stride = Int(cairo_image_surface_get_stride(surface))
    pixels.withUnsafeBytes { source in
      for row in 0..<rows {
        let line = UnsafeRawBufferPointer(rebasing: source[row * columns * 4..<(row + 1) * columns * 4])
        UnsafeMutableRawBufferPointer(start: bytes + row * stride, count: columns * 4).copyMemory(from: line)
      }
    }
    cairo_surface_mark_dirty(surface)
    cairo_save(context)
    cairo_translate(context, area.x, area.y)
    cairo_scale(context, area.width / Double(columns), area.height / Double(rows))
    cairo_set_source_surface(context, surface, 0, 0)
    // The pixels are as many as the page has: to smooth them would only blur.
    cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
    cairo_rectangle(context, 0, 0, Double(columns), Double(rows))
    cairo_fill(context)
    cairo_restore(context)
  }
}

struct Rectangle {
  var x: Double
  var y: Double
  var width: Double
  var height: Double
  var right: Double { x + width }
  var bottom: Double { y + height }
}

/// Where Cairo's bytes go.
private final class Sink {
  var bytes: [UInt8] = []

  static let append: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> cairo_status_t = {
    target, data, count in
    let sink = Unmanaged<Sink>.fromOpaque(target!).takeUnretainedValue()
    sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
    return CAIRO_STATUS_SUCCESS
  }
}
