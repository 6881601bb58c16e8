import Testing
import Threads

@Suite struct PlacementTests {
  private func placements(_ requested: [Int?], _ allowed: [[Int]]) -> [Placement] {
    allowed.indices.map { Placement(requested: requested, allowed: allowed, index: $0) }
  }

  @Test func oneRankTakesAllItsCores() {
    let found = Placement(requested: [nil], allowed: [[0, 2, 4, 6]], index: 0)
    #expect(found.threads == 4)
    #expect(found.cores == [[0], [2], [4], [6]])
    #expect(!found.sharesCores)
  }

  @Test func fewerThreadsThanCoresStandOnTheFirst() {
    let found = Placement(requested: [2], allowed: [[1, 3, 5]], index: 0)
    #expect(found.threads == 2)
    #expect(found.cores == [[1], [3]])
    #expect(!found.sharesCores)
  }

  @Test func ranksThatWereLeftTheSameCoresDivideThem() {
    let all = [0, 1, 2, 3, 4, 5, 6, 7]
    let found = placements([nil, nil, nil, nil], [all, all, all, all])
    #expect(found.map(\.threads) == [2, 2, 2, 2])
    #expect(found.map(\.cores) == [[[0], [1]], [[2], [3]], [[4], [5]], [[6], [7]]])
    #expect(found.allSatisfy { !$0.sharesCores })
  }

  @Test func whatDoesNotDivideStaysFree() {
    let all = [0, 1, 2, 3, 4]
    let found = placements([nil, nil], [all, all])
    #expect(found.map(\.threads) == [2, 2])
    #expect(found.map(\.cores) == [[[0], [1]], [[2], [3]]])
    #expect(found.allSatisfy { !$0.sharesCores })
  }

  @Test func unequalWishesAreMetInTheOrderOfRanks() {
    let all = [0, 1, 2, 3]
    let found = placements([3, 1], [all, all])
    #expect(found.map(\.cores) == [[[0], [1], [2]], [[3]]])
    #expect(found.allSatisfy { !$0.sharesCores })
  }

  @Test func boundRanksKeepTheirCores() {
    let found = placements([nil, nil, 1], [[0, 1], [2, 3], [4, 5]])
    #expect(found.map(\.threads) == [2, 2, 1])
    #expect(found.map(\.cores) == [[[0], [1]], [[2], [3]], [[4]]])
    #expect(found.allSatisfy { !$0.sharesCores })
  }

  @Test func moreThreadsThanCoresShareThemUnbound() {
    #expect(
      placements([8], [[0, 1]]).map { [$0.threads, $0.cores.count, $0.sharesCores ? 1 : 0] } == [[8, 0, 1]])
    for found in placements([nil, nil, nil], [[0, 1], [0, 1], [0, 1]]) {
      #expect(found.threads == 1)
      #expect(found.cores.isEmpty)
      #expect(found.sharesCores)
    }
    // One neighbour asks for too much: nobody on these cores can count on one of its own.
    for found in placements([1, 4], [[0, 1, 2, 3], [0, 1, 2, 3]]) { #expect(found.sharesCores && found.cores.isEmpty) }
  }

  @Test func ranksOnOtherCoresDoNotMatter() {
    let found = placements([nil, 9], [[0, 1], [2, 3]])
    #expect(found[0].cores == [[0], [1]] && !found[0].sharesCores)
    #expect(found[1].cores.isEmpty && found[1].sharesCores)
  }

  @Test func coresThatOverlapInPartAreNotDivided() {
    let found = placements([1, 1], [[0, 1, 2], [2, 3]])
    #expect(found.map(\.threads) == [1, 1])
    #expect(found.allSatisfy { $0.cores.isEmpty && !$0.sharesCores })
  }

  @Test func noCoreIsGivenTwice() {
    for ranks in 1...5 {
      for cores in 1...9 {
        for wish in [nil, 1, 2] as [Int?] {
          let all = Array(0..<cores)
          let found = placements(Array(repeating: wish, count: ranks), Array(repeating: all, count: ranks))
          let given = found.flatMap { $0.cores.joined() }
          #expect(Set(given).count == given.count)
          #expect(found.allSatisfy { $0.sharesCores == found[0].sharesCores })
          #expect(found[0].sharesCores == (found.reduce(0) { $0 + $1.threads } > cores))
        }
      }
    }
  }
}
