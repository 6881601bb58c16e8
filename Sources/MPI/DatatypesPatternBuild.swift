// How patterns become datatypes of MPI.

internal import CMPI
internal import Synchronization

/// A pattern, how far it reaches, and what was made of it so far.
internal final class PatternStorage: Sendable {
  let shape: PatternShape
  let layout: PatternLayout
  // One for each type of elements that the pattern was used with: few, so they are looked through. What they are made
  // over is kept, so that its handle does not come to mean another one.
  private let made = Mutex<[(element: Datatype, whole: Datatype)]>([])

  init(_ shape: PatternShape) {
    self.shape = shape
    layout = PatternLayout(shape)
  }

  /// Whether the elements lie after one another in the order in which they travel: then they need no datatype.
  var isRun: Bool {
    switch shape {
    case .vector(let count, _, _, of: nil): count == 1
    case .indexed(let blocks, of: nil): blocks.count == 1
    default: false
    }
  }

  /// The pattern over elements that are `stride` bytes apart.
  func datatype(over element: Datatype, stride: Int) throws(MPIError) -> Datatype {
    if let found = found(element) { return found }
    let extent = try element.extent
    require(
      extent == 0..<stride, "A datatype whose values are \(stride) bytes apart does not reach over bytes \(extent).")
    let whole = try build(element, stride)
    made.withLock { $0.append((element, whole)) }
    return whole
  }

  private func found(_ element: Datatype) -> Datatype? {
    made.withLock { made in made.first { $0.element.handle == element.handle }?.whole }
  }

  private func build(_ element: Datatype, _ stride: Int) throws(MPIError) -> Datatype {
    guard layout.count > 0 else {
      let nothing = try Datatype(contiguous: 0, element)
      return try nothing.resized(lower: layout.lower * stride, extent: layout.extent * stride)
    }
    switch shape {
    case .vector(let count, let blockLength, let step, let inner):
      let (part, unit) = try Self.part(inner, element, stride)
      if count == 1 { return try Datatype(contiguous: blockLength, part) }
      return try Datatype(vector: count, blockLength, step * unit, part)
    case .indexed(let blocks, let inner):
      let (part, unit) = try Self.part(inner, element, stride)
      return try Datatype(indexed: blocks, unit, part)
    case .indexedBlock(let offsets, let length, let inner):
      let (part, unit) = try Self.part(inner, element, stride)
      return try Datatype(blocks: offsets.map { $0 * unit }, length, part)
    case .subarray(let sizes, let subsizes, let starts, let order, let inner):
      return try Datatype(subarray: sizes, subsizes, starts, order, Self.part(inner, element, stride).datatype)
    case .distributed(let grid, let inner):
      return try Datatype(share: grid, Self.part(inner, element, stride).datatype)
    case .joined(let parts):
      return try Datatype(
        joined: parts.map { (part) throws(MPIError) in try part.storage.datatype(over: element, stride: stride) })
    case .shifted(let inner, let offset):
      return try Datatype(blocks: [offset * stride], 1, inner.storage.datatype(over: element, stride: stride))
    case .resized(let inner, let lower, let extent):
      let whole = try inner.storage.datatype(over: element, stride: stride)
      return try whole.resized(lower: lower * stride, extent: extent * stride)
    }
  }

  /// What a pattern consists of and how many bytes lie between two of it.
  private static func part(_ inner: Pattern?, _ element: Datatype, _ stride: Int) throws(MPIError)
    -> (datatype: Datatype, unit: Int)
  {
    guard let inner else { return (element, stride) }
    return (try inner.storage.datatype(over: element, stride: stride), inner.storage.layout.extent * stride)
  }
}

/// A number that MPI takes in 32 bits only.
private func small(_ value: Int) -> CInt {
  require(
    CInt(exactly: value) != nil, "MPI describes data with numbers of 32 bits; \(value) is none: nest patterns instead.")
  return CInt(truncatingIfNeeded: value)
}

extension Datatype {
  internal func resized(lower: Int, extent: Int) throws(MPIError) -> Datatype {
    var result = handle
    try check("MPI_Type_create_resized") { MPI_Type_create_resized(handle, lower, extent, &result) }
    return try Datatype(committing: result)
  }

  /// A block of any length, as a number of parts that fits into 32 bits.
  private static func block(_ length: Int, _ part: Datatype) throws(MPIError) -> (count: CInt, part: Datatype) {
    if let count = CInt(exactly: length) { return (count, part) }
    return (1, try Datatype(repeating: part, count: length))
  }

  fileprivate init(vector count: Int, _ length: Int, _ stride: Int, _ part: Datatype) throws(MPIError) {
    let block = try Self.block(length, part)
    var result = part.handle
    try check("MPI_Type_create_hvector") {
      MPI_Type_create_hvector(small(count), block.count, stride, block.part.handle, &result)
    }
    try self.init(committing: result)
  }

  fileprivate init(indexed blocks: [Range<Int>], _ unit: Int, _ part: Datatype) throws(MPIError) {
    var lengths: [CInt] = []
    var offsets: [MPI_Aint] = []
    for block in blocks {
      // One that is too long for 32 bits is several.
      for start in stride(from: block.lowerBound, to: block.upperBound, by: 1 << 30) {
        lengths.append(CInt(min(block.upperBound - start, 1 << 30)))
        offsets.append(start * unit)
      }
    }
    var result = part.handle
    try check("MPI_Type_create_hindexed") {
      MPI_Type_create_hindexed(small(lengths.count), lengths, offsets, part.handle, &result)
    }
    try self.init(committing: result)
  }

  fileprivate init(blocks offsets: [Int], _ length: Int, _ part: Datatype) throws(MPIError) {
    let block = try Self.block(length, part)
    var result = part.handle
    try check("MPI_Type_create_hindexed_block") {
      MPI_Type_create_hindexed_block(small(offsets.count), block.count, offsets, block.part.handle, &result)
    }
    try self.init(committing: result)
  }

  fileprivate init(subarray sizes: [Int], _ subsizes: [Int], _ starts: [Int], _ order: GridOrder, _ part: Datatype)
    throws(MPIError)
  {
    let (whole, box, start) = (sizes.map(small), subsizes.map(small), starts.map(small))
    var result = part.handle
    try check("MPI_Type_create_subarray") {
      MPI_Type_create_subarray(CInt(sizes.count), whole, box, start, order.value, part.handle, &result)
    }
    try self.init(committing: result)
  }

  fileprivate init(share grid: DistributedGrid, _ part: Datatype) throws(MPIError) {
    let (sizes, processes) = (grid.sizes.map(small), grid.processes.map(small))
    let kinds = grid.distributions.map(\.kind)
    let lengths = grid.distributions.map(\.length)
    var result = part.handle
    try check("MPI_Type_create_darray") {
      MPI_Type_create_darray(
        processes.reduce(1, *), CInt(grid.rank), CInt(sizes.count), sizes, kinds, lengths, processes, grid.order.value,
        part.handle, &result)
    }
    try self.init(committing: result)
  }

  fileprivate init(joined parts: [Datatype]) throws(MPIError) {
    let lengths = [CInt](repeating: 1, count: parts.count)
    let offsets = [MPI_Aint](repeating: 0, count: parts.count)
    let handles = parts.map(\.handle)
    var result = parts[0].handle
    try check("MPI_Type_create_struct") {
      MPI_Type_create_struct(small(parts.count), lengths, offsets, handles, &result)
    }
    try self.init(committing: result)
  }
}

extension GridOrder {
  fileprivate var value: CInt { self == .rowMajor ? CInt(MPI_ORDER_C) : CInt(MPI_ORDER_FORTRAN) }
}

extension Distribution {
  fileprivate var kind: CInt {
    switch self {
    case .whole: CInt(MPI_DISTRIBUTE_NONE)
    case .block, .blocks: CInt(MPI_DISTRIBUTE_BLOCK)
    case .cyclic: CInt(MPI_DISTRIBUTE_CYCLIC)
    }
  }

  fileprivate var length: CInt {
    switch self {
    case .whole, .block: CInt(MPI_DISTRIBUTE_DFLT_DARG)
    case .blocks(let length), .cyclic(let length): small(length)
    }
  }
}
