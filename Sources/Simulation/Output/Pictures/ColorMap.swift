internal import Glibc

/// A colour in sRGB, each part from 0 to 1.
struct Color {
  var red: Double
  var green: Double
  var blue: Double

  /// 0x00RRGGBB.
  var packed: UInt32 {
    func byte(_ part: Double) -> UInt32 { UInt32((min(max(part, 0), 1) * 255).rounded()) }
    return byte(red) << 16 | byte(green) << 8 | byte(blue)
  }

  /// The colour of CIELAB lightness 0...100, chroma and hue (degrees) for a D65 white, or nil where sRGB lacks it.
  init?(lightness: Double, chroma: Double, hue: Double) {
    let (a, b) = (chroma * cos(hue * .pi / 180), chroma * sin(hue * .pi / 180))
    func inverse(_ f: Double) -> Double { f > 6.0 / 29 ? f * f * f : 3 * (6.0 / 29) * (6.0 / 29) * (f - 4.0 / 29) }
    let f = (lightness + 16) / 116
    let (x, y, z) = (0.95047 * inverse(f + a / 500), inverse(f), 1.08883 * inverse(f - b / 200))
    // XYZ to linear sRGB (IEC 61966-2-1).
    let linear = [
      3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
      -0.9692660 * x + 1.8760108 * y + 0.0415560 * z,
      0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
    ]
    guard linear.allSatisfy({ (-1e-4...1.0001).contains($0) }) else { return nil }
    func encoded(_ part: Double) -> Double {
      let part = min(max(part, 0), 1)
      return part <= 0.0031308 ? 12.92 * part : 1.055 * pow(part, 1 / 2.4) - 0.055
    }
    (red, green, blue) = (encoded(linear[0]), encoded(linear[1]), encoded(linear[2]))
  }

  /// The same, with as much of the chroma as sRGB has at this lightness and hue.
  static func nearest(lightness: Double, chroma: Double, hue: Double) -> Color {
    if let color = Color(lightness: lightness, chroma: chroma, hue: hue) { return color }
    var (inside, outside) = (0.0, chroma)
    for _ in 0..<30 {
      let middle = (inside + outside) / 2
      if Color(lightness: lightness, chroma: middle, hue: hue) == nil { outside = middle } else { inside = middle }
    }
    return Color(lightness: lightness, chroma: inside, hue: hue)!
  }

  /// Colours for curves that stay apart: hues that are far from each other, of like lightness.
  static func curve(_ index: Int) -> Color {
    let hue = [275.0, 40, 150, 330, 80, 210][index % 6]
    return nearest(lightness: index % 12 < 6 ? 50 : 72, chroma: 65, hue: hue)
  }

  static func gray(_ level: Double) -> Color { Color(red: level, green: level, blue: level) }

  private init(red: Double, green: Double, blue: Double) { (self.red, self.green, self.blue) = (red, green, blue) }

  static let missing = UInt32(0xB4B4B4)
}

/// Colours for values, such that equal steps in value look like equal steps in colour: a path through CIELAB, passed
/// at constant speed. The paths stay inside sRGB: where they were cut off at its edge, the colours would turn a corner,
/// which the eye takes for an edge in the data.
struct ColorMap {
  /// 256 colours, 0x00RRGGBB, lowest value first.
  let colors: [UInt32]

  subscript(position: Double) -> UInt32 { colors[Int((min(max(position, 0), 1) * 255).rounded())] }

  /// Dark violet over teal to yellow; lightness rises all the way, so that it also reads in black and white.
  static let sequential = ColorMap { t in
    (13 + 79 * t, 26.5 + 130 * (t - 0.37) * (t - 0.37), 312 - 208 * t)
  }

  /// Blue over near-white to red, for values about zero; equally dark on both sides.
  static let diverging = ColorMap { t in
    let s = abs(2 * t - 1)
    return (95 - 62 * s, 52 * sin(s * .pi / 2 / 0.68), t < 0.5 ? 278 : 34)
  }

  /// - Parameter path: lightness, chroma and hue at 0...1.
  private init(_ path: (Double) -> (lightness: Double, chroma: Double, hue: Double)) {
    let steps = 1024
    var samples: [Color] = []
    var length = [0.0]
    var last: (Double, Double, Double)?
    for step in 0...steps {
      let (lightness, chroma, hue) = path(Double(step) / Double(steps))
      let point = (lightness, chroma * cos(hue * .pi / 180), chroma * sin(hue * .pi / 180))
      if let last {
        let (l, a, b) = (point.0 - last.0, point.1 - last.1, point.2 - last.2)
        length.append(length[step - 1] + (l * l + a * a + b * b).squareRoot())
      }
      samples.append(.nearest(lightness: lightness, chroma: chroma, hue: hue))
      last = point
    }
    var step = 0
    colors = (0..<256).map { index in
      let target = length[steps] * Double(index) / 255
      while step < steps && length[step] < target { step += 1 }
      return samples[step].packed
    }
  }
}
