import Stencils

/// A state of the air that one word names: bubbles of θ' = A cos²(π d / 2), d <= 1 the distance from their centres over
/// their radii, in a column at rest or in a uniform wind.
///
/// Places and sizes of "thermal", "collision", "density-current" and "injection" are those of M. Norman's miniWeather on its grid of
/// 20 km by 10 km.
struct AirState: Sendable {
  struct Bubble: Sendable {
    /// K.
    let amplitude: Double
    /// Centre and radii, m; the centre lies in the middle of the horizontal axes.
    let height: Double
    let radii: (horizontal: Double, vertical: Double)
  }

  var bubbles: [Bubble] = []
  /// m/s, along x.
  var wind = 0.0
  var background = AirColumn.Kind.neutral
  var frequency = 0.0
  /// K.
  var temperature = 300.0
  /// θ' = 0.01 K sin(π z/H) / (1 + ((x - xc) / 5 km)²), xc a third along the grid (W. C. Skamarock, J. B. Klemp, 1994).
  var isLayered = false
  /// The ground h = 250 m exp(-((x - xc) / 5 km)²) cos²(π (x - xc) / 4 km), xc in the middle (C. Schär, D. Leuenberger,
  /// O. Fuhrer, D. Lüthi, C. Girard, Mon. Wea. Rev. 130, 2002).
  var hasRidge = false

  /// Air that is blown in through the low side of x.
  var jet: Jet?

  struct Jet: Sendable {
    /// m/s, and K above the column.
    let speed: Double
    let theta: Double
    /// The middle of the band and half its width, over the height of the grid.
    let middle: Double
    let reach: Double

    func holds(_ height: Double, _ place: Place) -> Bool {
      abs((height - place.ground) / place.height - middle) <= reach
    }
  }

  static let words = [
    "rest", "thermal", "collision", "density-current", "gravity-waves", "mountain-waves", "injection",
  ]

  init(_ word: String) {
    switch word {
    case "thermal": bubbles = [Bubble(amplitude: 3, height: 2000, radii: (2000, 2000))]
    case "collision":
      bubbles = [
        Bubble(amplitude: 20, height: 2000, radii: (2000, 2000)),
        Bubble(amplitude: -20, height: 8000, radii: (2000, 2000)),
      ]
    case "density-current": bubbles = [Bubble(amplitude: -20, height: 5000, radii: (4000, 2000))]
    case "gravity-waves": (background, frequency, wind, isLayered) = (.stable, 0.01, 20, true)
    case "mountain-waves":
      (background, frequency, temperature, wind, hasRidge) = (.stable, 0.01, 288, 10, true)
    case "injection": jet = Jet(speed: 50, theta: -2, middle: 0.75, reach: 0.0625)
    default: break
    }
  }

  /// The grid, as a state sees it: the middle of its horizontal axes, its lower corner and its size, z upwards.
  struct Place: Sendable {
    let axes: AirAxes
    let center: (x: Double, y: Double)
    let west: Double
    let ground: Double
    let length: Double
    let height: Double

    init(_ grid: Grid) {
      axes = AirAxes(grid)
      let up = axes.up.rawValue
      center = (grid.origin.x + grid.extent.x / 2, axes.dimensions == 3 ? grid.origin.y + grid.extent.y / 2 : 0)
      (west, length) = (grid.origin.x, grid.extent.x)
      (ground, height) = (grid.origin[up], grid.extent[up])
    }
  }

  /// The height of the ridge at a point, m.
  func ridge(_ point: Point, _ place: Place) -> Double {
    let distance = point.x - place.center.x
    let cosine = Elementary.cosine(Double.pi * distance / 4000)
    return 250 * Elementary.exponential(-(distance / 5000) * (distance / 5000)) * (cosine * cosine)
  }

  /// θ' at a point, K.
  func theta(_ point: Point, _ place: Place) -> Double {
    let z = place.axes.height(point)
    let y = place.axes.dimensions == 3 ? point.y : 0
    var sum = 0.0
    if isLayered {
      let distance = (point.x - place.west - place.length / 3) / 5000
      sum = 0.01 * Elementary.sine(Double.pi * (z - place.ground) / place.height) / (1 + distance * distance)
    }
    for bubble in bubbles {
      let dx = (point.x - place.center.x) / bubble.radii.horizontal
      let dy = (y - place.center.y) / bubble.radii.horizontal
      let dz = (z - bubble.height) / bubble.radii.vertical
      let distance = (dx * dx + dy * dy + dz * dz).squareRoot() * Double.pi / 2
      guard distance <= Double.pi / 2 else { continue }
      let cosine = Elementary.cosine(distance)
      sum += bubble.amplitude * (cosine * cosine)
    }
    return sum
  }
}
