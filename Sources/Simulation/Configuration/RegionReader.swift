import Stencils

extension TableReader {
  /// Reads a box, a ball or a layer.
  /// - Parameter besides: further keys of the table, which others read.
  func region(_ node: TomlNode, _ name: String, besides: [String] = []) throws(ConfigurationError) -> Region {
    let shapes = ["box", "ball", "layer"]
    let example =
      "{ box = [[...], [...]] }, { ball = { center = [...], radius = r } } or { layer = { axis = \"x\", from = a, to = b } }"
    guard let members = node.members else {
      let value = besides.map { ", with \($0) = ... beside it" }.joined()
      throw ConfigurationError(node.location, "\(name) wants \(example)\(value), not \(node.inWords)")
    }
    for member in members where !(shapes + besides).contains(member.key) {
      throw ConfigurationError(
        member.location, "unknown key \(name).\(member.key); \(unknown(member.key, among: shapes + besides))")
    }
    let given = members.filter { shapes.contains($0.key) }
    guard given.count == 1, let shape = given.first else {
      throw ConfigurationError(node.location, "\(name) wants exactly one of box, ball or layer: \(example)")
    }
    switch shape.key {
    case "box": return try box(shape.node, name)
    case "ball": return try ball(shape, name)
    default: return try layer(shape, name)
    }
  }

  private func box(_ node: TomlNode, _ name: String) throws(ConfigurationError) -> Region {
    guard case .array(let corners) = node.value, corners.count == 2 else {
      throw ConfigurationError(node.location, "\(name).box wants two corners, [[...], [...]], not \(node.inWords)")
    }
    let low = try coordinates(corners[0], "a corner of \(name).box")
    let high = try coordinates(corners[1], "a corner of \(name).box")
    for axis in 0..<dimensions where low[axis] >= high[axis] {
      throw ConfigurationError(
        node.location, "\(name).box is empty along \(Axis.allCases[axis]): the low corner comes first")
    }
    var (from, to) = (SIMD3<Double>(repeating: -.infinity), SIMD3<Double>(repeating: .infinity))
    for axis in 0..<dimensions { (from[axis], to[axis]) = (low[axis], high[axis]) }
    return .box(low: from, high: to)
  }

  private func ball(_ shape: TomlNode.Member, _ name: String) throws(ConfigurationError) -> Region {
    let keys = [
      ParameterKey("center", .numbers(dimensions...dimensions), unit: "m", help: "the centre of the ball"),
      ParameterKey("radius", .number, unit: "m", range: .positive, help: "the radius of the ball"),
    ]
    let ball = try read(shape, path: "\(name).ball", keys: keys, parent: shape.location)
    var center = SIMD3<Double>.zero
    for (axis, coordinate) in ball.numbers("center").enumerated() { center[axis] = coordinate }
    return .ball(center: center, radius: ball.number("radius"), dimensions: dimensions)
  }

  private func layer(_ shape: TomlNode.Member, _ name: String) throws(ConfigurationError) -> Region {
    guard shape.node.members != nil else {
      throw ConfigurationError(
        shape.location, "\(name).layer wants { axis = \"x\", from = a, to = b }, not \(shape.node.inWords)")
    }
    for member in shape.node.members! where !["axis", "from", "to"].contains(member.key) {
      throw ConfigurationError(
        member.location,
        "unknown key \(name).layer.\(member.key); \(unknown(member.key, among: ["axis", "from", "to"]))")
    }
    let words = axes.map { "\"\($0)\"" }.joinedWithOr
    guard let given = shape.node["axis"]?.node else {
      throw ConfigurationError(shape.location, "\(name).layer.axis is missing: add axis = \(words)")
    }
    guard case .text(let word) = given.value, let index = axes.firstIndex(of: word) else {
      throw ConfigurationError(
        given.location, "\(name).layer.axis wants an axis of the grid, \(words), not \(given.inWords)")
    }
    func end(_ key: String) throws(ConfigurationError) -> Double? {
      guard let member = shape.node[key] else { return nil }
      return try bound(member.node, "\(name).layer.\(key)")
    }
    let from = try end("from") ?? -.infinity
    let to = try end("to") ?? .infinity
    guard from < to else {
      throw ConfigurationError(
        shape.location, "\(name).layer is empty: from = \(short(from)) is not below to = \(short(to))")
    }
    return .layer(axis: Axis.allCases[index], from: from, to: to)
  }

  private func coordinates(_ node: TomlNode, _ name: String) throws(ConfigurationError) -> [Double] {
    guard case .array(let elements) = node.value, elements.count == dimensions else {
      throw ConfigurationError(
        node.location, "\(name) wants \(dimensions) coordinate\(dimensions == 1 ? "" : "s") in m, not \(node.inWords)")
    }
    var list: [Double] = []
    for element in elements { list.append(try bound(element, name)) }
    return list
  }

  /// A coordinate; infinite for a region without bound.
  private func bound(_ node: TomlNode, _ name: String) throws(ConfigurationError) -> Double {
    switch node.value {
    case .integer(let integer): return Double(integer)
    case .number(let number) where !number.isNaN: return number
    default: throw ConfigurationError(node.location, "\(name) wants a number in m, not \(node.inWords)")
    }
  }
}
