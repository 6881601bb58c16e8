// Sets of processes, ordered by rank.

internal import CMPI

/// An ordered set of processes, each with a rank. It sends no messages: communicators are made from it.
///
/// Any process may use one alone; it never changes.
public final class Group {
  internal let handle: MPI_Group
  private let isOwned: Bool
  /// How many processes the group has. The corresponding MPI function is `MPI_Group_size`.
  public let size: Int
  /// The number of this process in the group, nil when it is no member. The corresponding MPI function is
  /// `MPI_Group_rank`.
  public let rank: Int?

  internal init(handle: MPI_Group, isOwned: Bool = true) throws(MPIError) {
    var (size, rank): (CInt, CInt) = (0, 0)
    try check("MPI_Group_size") { MPI_Group_size(handle, &size) }
    try check("MPI_Group_rank") { MPI_Group_rank(handle, &rank) }
    self.handle = handle
    self.isOwned = isOwned
    self.size = Int(size)
    self.rank = rank == cmpi_undefined() ? nil : Int(rank)
  }

  deinit {
    guard isOwned, isMPIRunning else { return }
    var handle = handle
    // Nothing can be thrown from here; a failure leaks a handle and no more.
    _ = MPI_Group_free(&handle)
  }

  /// The group without processes. The corresponding MPI constant is `MPI_GROUP_EMPTY`.
  public static func empty() throws(MPIError) -> Group { try Group(handle: cmpi_group_empty(), isOwned: false) }
}

/// How two groups, or two communicators, relate.
public enum Similarity: Sendable {
  /// They are one and the same; for groups: the same processes in the same order.
  case identical
  /// Of communicators: the same processes in the same order, with messages of their own.
  case congruent
  /// The same processes in another order.
  case similar
  /// Other processes.
  case unequal

  internal init(_ value: CInt) {
    switch value {
    case CInt(MPI_IDENT): self = .identical
    case CInt(MPI_CONGRUENT): self = .congruent
    case CInt(MPI_SIMILAR): self = .similar
    default: self = .unequal
    }
  }
}

// MARK: Sets

extension Group {
  /// The processes of both groups: those of this one, then those that are only in `other`.
  ///
  /// The corresponding MPI function is `MPI_Group_union`.
  public func union(_ other: Group) throws(MPIError) -> Group {
    var result = cmpi_group_null()
    try check("MPI_Group_union") { MPI_Group_union(handle, other.handle, &result) }
    return try Group(handle: result)
  }

  /// The processes that are in both groups, in the order of this one.
  ///
  /// The corresponding MPI function is `MPI_Group_intersection`.
  public func intersection(_ other: Group) throws(MPIError) -> Group {
    var result = cmpi_group_null()
    try check("MPI_Group_intersection") { MPI_Group_intersection(handle, other.handle, &result) }
    return try Group(handle: result)
  }

  /// The processes that are not in `other`, in the order of this group.
  ///
  /// The corresponding MPI function is `MPI_Group_difference`.
  public func subtracting(_ other: Group) throws(MPIError) -> Group {
    var result = cmpi_group_null()
    try check("MPI_Group_difference") { MPI_Group_difference(handle, other.handle, &result) }
    return try Group(handle: result)
  }

  /// How the group relates to another: `identical`, `similar` or `unequal`.
  ///
  /// The corresponding MPI function is `MPI_Group_compare`.
  public func compared(to other: Group) throws(MPIError) -> Similarity {
    var result: CInt = 0
    try check("MPI_Group_compare") { MPI_Group_compare(handle, other.handle, &result) }
    return Similarity(result)
  }

  /// The ranks that processes of this group have in another; nil for those that are not in it.
  ///
  /// - Parameters:
  ///   - ranks: ranks in this group; nil is nobody and stays so.
  ///   - other: the group that is asked about.
  ///
  /// The corresponding MPI function is `MPI_Group_translate_ranks`.
  public func translate(_ ranks: some Sequence<Int?>, to other: Group) throws(MPIError) -> [Int?] {
    let given = ranks.map { rank in rank.map { checkedMember($0) } ?? cmpi_proc_null() }
    var result = given
    if !given.isEmpty {
      try check("MPI_Group_translate_ranks") {
        MPI_Group_translate_ranks(handle, CInt(given.count), given, other.handle, &result)
      }
    }
    return result.map { $0 == cmpi_undefined() || $0 == cmpi_proc_null() ? nil : Int($0) }
  }

  private func checkedMember(_ rank: Int) -> CInt {
    require(rank >= 0 && rank < size, "A member of this group has a rank from 0 to \(size - 1), not \(rank).")
    return CInt(truncatingIfNeeded: rank)
  }
}

// MARK: Choosing members

/// Ranks at equal distances.
public struct RankRange: Sendable {
  /// The first rank.
  public let first: Int
  /// The last rank, or one up to which a whole step does not fit any more.
  public let last: Int
  /// From one rank to the next; negative counts down.
  public let stride: Int

  /// The ranks `first`, `first + stride` and so on, not beyond `last`.
  public init(from first: Int, through last: Int, by stride: Int = 1) {
    require(stride != 0, "Ranks of a range lie 1 or more apart, up or down, not 0.")
    require(
      stride > 0 ? first <= last : first >= last,
      "A range of ranks from \(first) through \(last) by \(stride) has none: its ends or its stride are the wrong way.")
    self.first = first
    self.last = last
    self.stride = stride
  }

  /// The ranks of a range.
  public init(_ range: ClosedRange<Int>) { self.init(from: range.lowerBound, through: range.upperBound) }
}

extension Group {
  /// The members with these ranks, in the order given, each at most once.
  ///
  /// The corresponding MPI function is `MPI_Group_incl`.
  public func including(_ ranks: some Sequence<Int>) throws(MPIError) -> Group {
    let members = checkedMembers(ranks)
    var result = cmpi_group_null()
    try check("MPI_Group_incl") { MPI_Group_incl(handle, CInt(members.count), members, &result) }
    return try Group(handle: result)
  }

  /// The members without those of these ranks, each given at most once.
  ///
  /// The corresponding MPI function is `MPI_Group_excl`.
  public func excluding(_ ranks: some Sequence<Int>) throws(MPIError) -> Group {
    let members = checkedMembers(ranks)
    var result = cmpi_group_null()
    try check("MPI_Group_excl") { MPI_Group_excl(handle, CInt(members.count), members, &result) }
    return try Group(handle: result)
  }

  /// The members whose ranks are in one of the ranges, in the order given.
  ///
  /// The corresponding MPI function is `MPI_Group_range_incl`.
  public func including(ranges: [RankRange]) throws(MPIError) -> Group {
    var result = cmpi_group_null()
    try withTriplets(ranges) { (triplets) throws(MPIError) in
      try check("MPI_Group_range_incl") { MPI_Group_range_incl(handle, CInt(ranges.count), triplets, &result) }
    }
    return try Group(handle: result)
  }

  /// The members whose ranks are in none of the ranges.
  ///
  /// The corresponding MPI function is `MPI_Group_range_excl`.
  public func excluding(ranges: [RankRange]) throws(MPIError) -> Group {
    var result = cmpi_group_null()
    try withTriplets(ranges) { (triplets) throws(MPIError) in
      try check("MPI_Group_range_excl") { MPI_Group_range_excl(handle, CInt(ranges.count), triplets, &result) }
    }
    return try Group(handle: result)
  }

  private func checkedMembers(_ ranks: some Sequence<Int>) -> [CInt] {
    var isTaken = [Bool](repeating: false, count: size)
    return ranks.map { rank in
      let member = checkedMember(rank)
      require(!isTaken[rank], "A group holds a process once; rank \(rank) was given twice.")
      isTaken[rank] = true
      return member
    }
  }

  private func withTriplets(
    _ ranges: [RankRange], _ body: (UnsafeMutablePointer<(CInt, CInt, CInt)>?) throws(MPIError) -> Void
  ) throws(MPIError) {
    _ = checkedMembers(ranges.flatMap { Array(stride(from: $0.first, through: $0.last, by: $0.stride)) })
    // The last of a range may lie beyond the group where no step reaches it: MPI gets the last that is reached.
    var triplets = ranges.map { range in
      let steps = (range.last - range.first) / range.stride
      return (CInt(range.first), CInt(range.first + steps * range.stride), CInt(truncatingIfNeeded: range.stride))
    }
    try triplets.withUnsafeMutableBufferPointer { (triplets) throws(MPIError) in try body(triplets.baseAddress) }
  }
}

// MARK: From communicators, and back

extension AnyCommunicator {
  /// The processes of the communicator; of an intercommunicator those of the group that this process is in.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_group`.
  public func group() throws(MPIError) -> Group {
    var result = cmpi_group_null()
    try check("MPI_Comm_group") { MPI_Comm_group(handle, &result) }
    return try Group(handle: result)
  }
}

extension Communicator {
  /// A communicator for the members of a group; nil on the other processes.
  ///
  /// - Parameter group: processes of this communicator. All give the same group, or groups that have no process in
  ///   common, of which one communicator each is made.
  ///
  /// All processes of this communicator must call it. The corresponding MPI function is `MPI_Comm_create`.
  public func communicator(for group: Group) throws(MPIError) -> Communicator? {
    var result = cmpi_comm_null()
    try check("MPI_Comm_create") { MPI_Comm_create(handle, group.handle, &result) }
    return result == cmpi_comm_null() ? nil : try Communicator(handle: result, isOwned: true)
  }

  /// A communicator for the members of a group, which are the only ones to call it.
  ///
  /// - Parameters:
  ///   - group: processes of this communicator, with this one among them.
  ///   - tag: tells calls apart that several threads make at once; messages of the program may have the same.
  ///
  /// All members of the group must call it, with the same arguments, and nobody else. The corresponding MPI function is
  /// `MPI_Comm_create_group`.
  public func communicator(amongMembersOf group: Group, tag: Int = 0) throws(MPIError) -> Communicator {
    require(group.rank != nil, "Only the members of a group make a communicator among themselves.")
    let tag = checkedTag(tag)
    var result = cmpi_comm_null()
    try check("MPI_Comm_create_group") { MPI_Comm_create_group(handle, group.handle, tag, &result) }
    return try Communicator(handle: result, isOwned: true)
  }
}
