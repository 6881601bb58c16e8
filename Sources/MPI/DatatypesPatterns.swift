// Which elements of a buffer a message takes: the derived datatypes of MPI.

/// A choice of elements of a buffer or a file: every so many, blocks, or a box of a grid.
///
/// A pattern is made of numbers alone, counts elements and fits elements of any type. A buffer's subscript applies it,
/// which takes no copy:
///
///     let column = Pattern.vector(count: rows, stride: columns)
///     try world.send(matrix[column, at: 3], to: 1)
///     try world.receive(into: &matrix[column, at: 0], from: 1)
///
/// The elements travel in the order in which the pattern names them. MPI's name for it, a committed datatype, is made
/// when the pattern first meets a type of elements and kept with it: keep a pattern that is used often.
public struct Pattern: Sendable {
  internal let storage: PatternStorage

  internal init(_ shape: PatternShape) { storage = PatternStorage(shape) }

  /// How many elements it takes.
  public var count: Int { storage.layout.count }

  /// From the first element that it touches to the one after the last, counted from where the pattern is put. Empty when
  /// it touches none.
  public var range: Range<Int> { storage.layout.touched }

  /// Where the pattern begins and ends, in elements; when it is repeated, the next begins as many elements later as this
  /// range is long. It is `range`, or the whole grid of a `subarray`, unless `resized` changed it.
  public var extent: Range<Int> { storage.layout.lower..<storage.layout.upper }

  /// MPI's name for the pattern over elements of a type, as for the view of a file. It is made once and kept.
  ///
  /// To be called while MPI runs.
  public func datatype<Element: MPIDatatype>(of type: Element.Type) throws(MPIError) -> Datatype {
    try storage.datatype(over: Element.datatype, stride: MemoryLayout<Element>.stride)
  }
}

extension Pattern {
  /// Elements after one another, or patterns of them.
  ///
  /// The corresponding MPI function is `MPI_Type_contiguous`.
  public static func contiguous(_ count: Int, of inner: Pattern? = nil) -> Pattern {
    vector(count: 1, blockLength: count, stride: 0, of: inner)
  }

  /// The elements of a range. The corresponding MPI function is `MPI_Type_contiguous`.
  public static func range(_ range: Range<Int>) -> Pattern { indexed([range]) }

  /// Blocks at equal distances, as a column of a matrix that is stored by rows.
  ///
  /// - Parameters:
  ///   - count: how many blocks.
  ///   - blockLength: how many elements each has.
  ///   - stride: from the beginning of one block to that of the next, in elements.
  ///   - inner: what a block consists of when not of single elements: lengths and strides then count these.
  ///
  /// The corresponding MPI function is `MPI_Type_create_hvector` (`MPI_Type_vector` with a stride of any size).
  public static func vector(count: Int, blockLength: Int = 1, stride: Int, of inner: Pattern? = nil) -> Pattern {
    require(count >= 0 && blockLength >= 0, "A vector has 0 blocks or more, of 0 elements or more.")
    return Pattern(.vector(count: count, blockLength: blockLength, stride: stride, of: inner))
  }

  /// Blocks anywhere, in the order given.
  ///
  /// - Parameters:
  ///   - blocks: the elements of each block.
  ///   - inner: what a block consists of when not of single elements: the ranges then count these.
  ///
  /// The corresponding MPI function is `MPI_Type_create_hindexed` (`MPI_Type_indexed` with offsets of any size).
  public static func indexed(_ blocks: [Range<Int>], of inner: Pattern? = nil) -> Pattern {
    Pattern(.indexed(blocks.filter { !$0.isEmpty }, of: inner))
  }

  /// Blocks of one length anywhere, in the order given.
  ///
  /// - Parameters:
  ///   - offsets: where each block begins.
  ///   - blockLength: how many elements each has.
  ///   - inner: what a block consists of when not of single elements: offsets and lengths then count these.
  ///
  /// The corresponding MPI function is `MPI_Type_create_hindexed_block` (`MPI_Type_create_indexed_block` with offsets of
  /// any size).
  public static func indexed(offsets: [Int], blockLength: Int = 1, of inner: Pattern? = nil) -> Pattern {
    require(blockLength >= 0, "A block has 0 elements or more, not \(blockLength).")
    return Pattern(.indexedBlock(offsets: blockLength == 0 ? [] : offsets, blockLength: blockLength, of: inner))
  }

  /// A box of a grid.
  ///
  /// - Parameters:
  ///   - sizes: how many elements the grid has in each dimension.
  ///   - subsizes: how many the box has.
  ///   - starts: where the box begins.
  ///   - order: how the grid lies in memory.
  ///   - inner: what the grid consists of when not of single elements.
  ///
  /// Its extent is the whole grid. The corresponding MPI function is `MPI_Type_create_subarray`.
  public static func subarray(
    sizes: [Int], subsizes: [Int], starts: [Int], order: GridOrder = .rowMajor, of inner: Pattern? = nil
  ) -> Pattern {
    require(
      !sizes.isEmpty && sizes.count == subsizes.count && sizes.count == starts.count,
      "The sizes, subsizes and starts of a subarray are of as many dimensions, 1 or more.")
    for (size, (part, start)) in zip(sizes, zip(subsizes, starts)) {
      require(
        size >= 0 && part >= 0 && start >= 0 && start <= size - part,
        "A subarray of \(subsizes) at \(starts) does not lie in a grid of \(sizes).")
    }
    return Pattern(.subarray(sizes: sizes, subsizes: subsizes, starts: starts, order, of: inner))
  }

  /// What one process holds of a grid that is dealt out to a grid of processes.
  ///
  /// - Parameters:
  ///   - sizes: how many elements the grid has in each dimension.
  ///   - distributions: how each dimension is dealt out.
  ///   - processes: how many processes there are in each dimension; 1 where the dimension is not dealt out.
  ///   - rank: which of the processes, which are numbered with the last dimension fastest, as in Cartesian groups.
  ///   - order: how the grid lies in memory.
  ///   - inner: what the grid consists of when not of single elements.
  ///
  /// Its extent is the whole grid. The corresponding MPI function is `MPI_Type_create_darray`.
  public static func distributed(
    sizes: [Int], _ distributions: [Distribution], over processes: [Int], rank: Int, order: GridOrder = .rowMajor,
    of inner: Pattern? = nil
  ) -> Pattern {
    require(
      !sizes.isEmpty && sizes.count == distributions.count && sizes.count == processes.count,
      "The sizes, distributions and processes of a grid are of as many dimensions, 1 or more.")
    require(
      sizes.allSatisfy { $0 >= 0 } && processes.allSatisfy { $0 > 0 },
      "A grid has 0 elements or more and 1 process or more in each dimension, not \(sizes) and \(processes).")
    let total = processes.reduce(1, *)
    require(rank >= 0 && rank < total, "A rank among \(processes) processes is from 0 to \(total - 1), not \(rank).")
    let share = DistributedGrid(
      sizes: sizes, distributions: distributions, processes: processes, rank: rank, order: order)
    return Pattern(.distributed(share, of: inner))
  }

  /// The elements of several patterns, which all begin at the same place, one pattern after another.
  ///
  /// The corresponding MPI function is `MPI_Type_create_struct`.
  public static func joined(_ parts: [Pattern]) -> Pattern { Pattern(.joined(parts.filter { $0.count > 0 })) }

  /// The same elements further on, or further back when `offset` is negative.
  ///
  /// The corresponding MPI function is `MPI_Type_create_hindexed_block`.
  public func shifted(by offset: Int) -> Pattern { Pattern(.shifted(self, by: offset)) }

  /// The same elements with another extent, so that a repetition begins elsewhere: a column of a matrix that is one
  /// element wide is followed by the next column.
  ///
  /// - Parameters:
  ///   - extent: from the beginning of one to that of the next, in elements.
  ///   - lowerBound: where it begins.
  ///
  /// The corresponding MPI function is `MPI_Type_create_resized`.
  public func resized(extent: Int, lowerBound: Int = 0) -> Pattern {
    require(extent >= 0, "An extent is 0 elements or more, not \(extent).")
    return Pattern(.resized(self, lower: lowerBound, extent: extent))
  }
}

/// How a grid of several dimensions lies in memory.
public enum GridOrder: Sendable, Hashable {
  /// The last index runs fastest, as in C.
  case rowMajor
  /// The first index runs fastest, as in Fortran.
  case columnMajor
}

/// How one dimension of a grid is dealt out to processes.
public enum Distribution: Sendable, Hashable {
  /// Not at all: there is one process in this dimension.
  case whole
  /// In blocks as large as they must be, the last ones smaller or empty.
  case block
  /// In blocks of a given length, which all processes together must cover the dimension with.
  case blocks(of: Int)
  /// In blocks of a given length, dealt out like cards.
  case cyclic(Int)
}
