/// A table of checked values. Every key of the schema can be read without an error to handle: the whole file was checked
/// before. Reading a key that the schema does not have, or as another type, is a programmer's error and traps.
public struct Parameters: Sendable {
  /// The table's full name, as in "heat" or "boundary.x.low".
  public let path: String
  /// Where the table itself was written.
  public let location: SourceLocation
  let keys: [ParameterKey]
  let entries: [String: Entry]

  package struct Entry: Sendable {
    package var value: ParameterValue
    package var location: SourceLocation
    package init(value: ParameterValue, location: SourceLocation) {
      self.value = value
      self.location = location
    }
  }

  package init(path: String, location: SourceLocation, keys: [ParameterKey], entries: [String: Entry]) {
    self.path = path
    self.location = location
    self.keys = keys
    var filled = entries
    for key in keys where filled[key.name] == nil {
      guard case .default(let value) = key.presence else { continue }
      filled[key.name] = Entry(value: value.typed(as: key, path: path), location: location)
    }
    self.entries = filled
  }

  /// Parameters made in code, without a file; defaults are filled in, values are not checked.
  public init(_ keys: [ParameterKey], _ values: [String: ParameterValue] = [:], path: String = "parameters") {
    let location = SourceLocation(file: "code")
    var entries: [String: Entry] = [:]
    for (name, value) in values {
      guard let key = keys.first(where: { $0.name == name }) else {
        fatalError("\(path) has no key \(name) in its schema")
      }
      entries[name] = Entry(value: value.typed(as: key, path: path), location: location)
    }
    self.init(path: path, location: location, keys: keys, entries: entries)
    for key in keys {
      if case .required = key.presence { require(has(key.name), "\(path) needs a value for \(key.name)") }
    }
  }

  /// Whether the key has a value: always true unless it is optional.
  public func has(_ key: String) -> Bool {
    requireKnown(key)
    return entries[key] != nil
  }

  public func number(_ key: String) -> Double {
    switch value(key) {
    case .number(let number): return number
    case .integer(let number): return Double(number)
    case .quantity(let quantity) where quantity.constant != nil: return quantity.constant!
    default: wrongType(key, "a number")
    }
  }

  public func integer(_ key: String) -> Int {
    guard case .integer(let integer) = value(key) else { wrongType(key, "a whole number") }
    return integer
  }

  public func boolean(_ key: String) -> Bool {
    guard case .boolean(let boolean) = value(key) else { wrongType(key, "true or false") }
    return boolean
  }

  public func word(_ key: String) -> String { text(key) }

  public func text(_ key: String) -> String {
    guard case .text(let text) = value(key) else { wrongType(key, "text") }
    return text
  }

  public func quantity(_ key: String) -> Quantity {
    guard case .quantity(let quantity) = value(key) else { wrongType(key, "a quantity") }
    return quantity
  }

  public func region(_ key: String) -> Region {
    guard case .region(let region) = value(key) else { wrongType(key, "a region") }
    return region
  }

  public func numbers(_ key: String) -> [Double] {
    switch value(key) {
    case .numbers(let numbers): return numbers
    case .integers(let integers): return integers.map(Double.init)
    default: wrongType(key, "a list of numbers")
    }
  }

  public func integers(_ key: String) -> [Int] {
    guard case .integers(let integers) = value(key) else { wrongType(key, "a list of whole numbers") }
    return integers
  }

  public func words(_ key: String) -> [String] {
    guard case .words(let words) = value(key) else { wrongType(key, "a list of words") }
    return words
  }

  /// The tables of a list; none where the key is absent.
  public func tables(_ key: String) -> [Parameters] {
    guard has(key) else { return [] }
    guard case .tables(let tables) = value(key) else { wrongType(key, "a list of tables") }
    return tables
  }

  /// The value, where the key has alternatives.
  public func value(_ key: String) -> ParameterValue {
    requireKnown(key)
    guard let entry = entries[key] else {
      fatalError("\(path).\(key) is optional and absent; ask has(\"\(key)\") before reading it")
    }
    return entry.value
  }

  /// Where the value was written; the table's place for a default.
  public func location(of key: String) -> SourceLocation {
    requireKnown(key)
    return entries[key]?.location ?? location
  }

  /// An error at the key's place; the sentence goes on after the key's name: "needs a constant diffusivity".
  public func error(_ key: String, _ sentence: String) -> ConfigurationError {
    ConfigurationError(location(of: key), "\(path).\(key) \(sentence)")
  }

  /// Every quantity in this table, not in its lists.
  package var quantities: [Quantity] {
    keys.compactMap { key in
      if case .quantity(let quantity)? = entries[key.name]?.value { quantity } else { nil }
    }
  }

  /// Every formula in this table and in its lists.
  package var formulas: [Formula] {
    entries.values.flatMap { entry -> [Formula] in
      switch entry.value {
      case .quantity(let quantity): quantity.formulas
      case .tables(let tables): tables.flatMap(\.formulas)
      default: []
      }
    }
  }

  /// Every variable of a file in this table and in its lists.
  package var samples: [Samples] {
    entries.values.flatMap { entry -> [Samples] in
      switch entry.value {
      case .quantity(let quantity): quantity.samples
      case .tables(let tables): tables.flatMap(\.samples)
      default: []
      }
    }
  }

  private func requireKnown(_ key: String) {
    require(
      keys.contains { $0.name == key },
      "\(path) has no key \(key) in its schema, which has: \(keys.map(\.name).joined(separator: ", "))")
  }

  private func wrongType(_ key: String, _ wanted: String) -> Never {
    fatalError("\(path).\(key) is read as \(wanted), but its schema says otherwise")
  }
}

extension ParameterValue {
  /// A literal in the schema or in code, as the key's kind wants it: 1 becomes a quantity where one is due.
  func typed(as key: ParameterKey, path: String) -> ParameterValue {
    switch (key.kind, self) {
    case (.quantity, .number(let number)): .quantity(Self.constant(number, key, path))
    case (.quantity, .integer(let number)): .quantity(Self.constant(Double(number), key, path))
    case (.number, .integer(let number)): .number(Double(number))
    case (.integers, .numbers(let numbers)): .integers(numbers.map { Int($0) })
    default: self
    }
  }

  private static func constant(_ number: Double, _ key: ParameterKey, _ path: String) -> Quantity {
    Quantity(.number(number), name: "\(path).\(key.name)", unit: key.unit, range: key.range)
  }
}
