import Foundation
import Simulation
import Testing

/// Width and height from a PNG's first chunk.
private func pngSize(_ path: String) -> (width: Int, height: Int)? {
  let bytes = bytes(of: path)
  guard bytes.count > 24, bytes[..<8] == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] else { return nil }
  func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
  return (number(16), number(20))
}

private func field(_ x: Int, _ y: Int, _ value: (Double, Double) -> Double) -> [Double] {
  (0..<y).flatMap { j in (0..<x).map { i in value((Double(i) + 0.5) / Double(x), (Double(j) + 0.5) / Double(y)) } }
}

private let kelvin = PictureAxis("temperature", units: "K")

@Suite struct PictureTests {
  @Test func aFieldHasTwoPixelsAPoint() throws {
    var picture = FieldPicture(
      values: field(200, 200) { 300 + 50 * exp(-40 * (($0 - 0.5) * ($0 - 0.5) + ($1 - 0.3) * ($1 - 0.3))) },
      cells: (200, 200), extent: (1, 1), title: "Hot plate", quantity: kelvin)
    picture.time = 2.5
    let path = scratch("square.png")
    try picture.render(to: path, width: 600)
    let size = try #require(pngSize(path))
    #expect(size.width <= 1200 && size.width > 1000)
    #expect(abs(Double(size.height) / Double(size.width) - 0.9) < 0.12)
    #expect(!exists(path + ".partial"))
  }

  @Test(arguments: [
    ("wide", (400, 60), (50_000.0, 4000.0)), ("tall", (30, 300), (0.01, 0.1)), ("flat", (1000, 3), (1.0, 0.003)),
    ("one", (1, 1), (1e-5, 1e-5)), ("fine", (1500, 1250), (3.0, 2.5)),
  ])
  func everyShapeIsDrawn(name: String, cells: (Int, Int), extent: (Double, Double)) throws {
    var picture = FieldPicture(
      values: field(cells.0, cells.1) { sin(12 * $0) * cos(7 * $1) * 3e-4 }, cells: cells, extent: extent,
      title: "A field of another shape: \(name)", quantity: PictureAxis("heat flux density", units: "W m-2"))
    picture.time = 40_000
    picture.isSmooth = name == "tall"
    let path = scratch("\(name).png")
    try picture.render(to: path)
    #expect(pngSize(path) != nil)
  }

  @Test(arguments: [0.0, 293.15, -1e-300, 1e300, .nan, .infinity]) func aConstantFieldIsDrawn(value: Double) throws {
    let path = scratch("constant-\(value).png")
    try FieldPicture(
      values: field(8, 6) { _, _ in value }, cells: (8, 6), extent: (8, 6), title: "Constant", quantity: kelvin
    ).render(to: path)
    #expect(pngSize(path) != nil)
  }

  @Test func missingCellsAreGray() throws {
    let path = scratch("missing.png")
    try FieldPicture(
      values: field(12, 9) { $0 > 0.4 && $0 < 0.6 && $1 > 0.3 ? .nan : 1e7 * ($0 + $1) }, cells: (12, 9),
      extent: (1200, 900), title: "Missing cells", quantity: PictureAxis("pressure", units: "Pa")
    ).render(to: path)
    #expect(pngSize(path) != nil)
  }

  @Test func anSVGHoldsTheImage() throws {
    let path = scratch("field.svg")
    try FieldPicture(
      values: field(5, 4) { $0 - $1 }, cells: (5, 4), extent: (5, 4), title: "SVG", quantity: kelvin
    ).render(to: path)
    let text = String(decoding: bytes(of: path), as: UTF8.self)
    #expect(text.contains("<svg") && text.contains("data:image/png;base64") && text.hasSuffix("</svg>\n"))
  }

  @Test func curvesAreDrawn() throws {
    let x = (0..<200).map { Double($0) / 199 }
    let curves = [0.0, 0.05, 0.2, 1].map { t in
      LinePicture.Curve(
        label: "t = \(t) s", x: x, y: x.map { 300 + 50 * exp(-9.87 * t * 2) * sin(3.14159 * $0) })
    }
    var picture = LinePicture(
      curves: curves, title: "Rod", xAxis: PictureAxis("x", units: "m"), yAxis: kelvin)
    picture.time = 1
    try picture.render(to: scratch("rod.png"), width: 560)
    let size = try #require(pngSize(scratch("rod.png")))
    #expect(size.width == 1120)

    let series = LinePicture.Curve(x: (0..<12).map { Double($0) * 86400 }, y: (0..<12).map { 1e7 - Double($0) * 1e4 })
    try LinePicture(
      curves: [series], title: "Total heat", xAxis: PictureAxis("time", units: "s"),
      yAxis: PictureAxis("heat", units: "J")
    ).render(to: scratch("series.svg"))
    try LinePicture(
      curves: [series], title: "Total heat", xAxis: PictureAxis("time", units: "s"),
      yAxis: PictureAxis("heat", units: "J")
    ).render(to: scratch("series.png"))
    #expect(exists(scratch("series.svg")))
  }

  @Test func curvesWithoutAnyValueAreDrawn() throws {
    let path = scratch("empty.png")
    try LinePicture(
      curves: [
        .init(label: "a", x: [], y: []), .init(label: "b", x: [1], y: [.nan]), .init(label: "c", x: [2], y: [3]),
      ],
      title: "", xAxis: kelvin, yAxis: kelvin
    ).render(to: path)
    #expect(pngSize(path) != nil)
  }

  @Test func otherExtensionsAndPlacesAreRefused() {
    let picture = LinePicture(curves: [], title: "", xAxis: kelvin, yAxis: kelvin)
    #expect(throws: OutputError.self) { try picture.render(to: scratch("picture.jpg")) }
    #expect(throws: OutputError.self) { try picture.render(to: scratch("no/such/picture.png")) }
    mkdir(scratch("directory.png"), 0o777)
    #expect(throws: OutputError.self) { try picture.render(to: scratch("directory.png")) }
    #expect(!exists(scratch("directory.png.partial")))
  }
}
