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
      let vertical = up[rows - 1 - row]
      if row > 0 && vertical.first == up[rows - row].first && vertical.weights == up[rows - row].weights {
        for column in 0..<columns { values[row * columns + column] = values[(row - 1) * columns + column] }
        continue
      }
      for column in 0..<columns {
        let horizontal = across[column]
        var (sum, weights) = (0.0, 0.0)
        for j in 0..<vertical.weights.count {
          let start = (vertical.first + j) * cells.x + horizontal.first
          for i in 0..<horizontal.weights.count {
            let value = field[start + i]
            let weight = vertical.weights[j] * horizontal.weights[i]
            if value.isFinite && weight > 0 {
              sum += weight * value
              weights += weight
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
