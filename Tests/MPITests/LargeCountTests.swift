// Messages of more elements than fit into MPI's 32-bit counts.

import Foundation
import MPI
import TestSupport
import Testing

/// The memory that programs can have without any being written to disk, in bytes.
private var availableMemory: Int {
  let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
  return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
}

extension OnEveryRank {
  // Two buffers of 2 GB: on one rank only, and where there is room for other programs besides.
  @Suite(.enabled(if: isUnderMPI && world.size == 1 && availableMemory > 8 << 30))
  struct LargeCountTests {
    let count = 1 << 31 + 5
    private let sent: MessageBuffer<Int8>

    init() {
      sent = MessageBuffer(repeating: 1, count: count)
      // At the ends, and about where a count of 32 bits or one of its parts would wrap.
      for (index, place) in [0, 1 << 30 - 1, 1 << 30, 1 << 31 - 1, 1 << 31, count - 1].enumerated() {
        sent[place] = Int8(10 + index)
      }
    }

    private func check(_ values: UnsafeBufferPointer<Int8>, _ status: Status) {
      #expect(values.count == count && status.count(of: Int8.self) == count && status.source == 0)
      // The length in another type of elements, and where it is no whole number of them.
      #expect(status.count(of: Bool.self) == count && status.count(of: Int16.self) == nil)
      #expect(memcmp(values.baseAddress!, sent.baseAddress, count) == 0)
    }

    @Test func moreElementsThan32BitsCountTravel() throws {
      let received = MessageBuffer<Int8>(repeating: 0, count: count)
      let requests = PersistentRequests(over: world)
      try requests.addReceive(into: received, from: 0)
      try requests.addSend(of: sent, to: 0)
      try requests.start()
      try requests.wait()
      received.withUnsafeBufferPointer { check($0, requests.status(of: 0)) }
    }

    @Test func aLongMessageTellsItsLengthBeforehand() throws {
      let send = try world.startSend(sent, to: 0, tag: 1)
      #expect(try world.probe(from: 0, tag: 1).count(of: Int8.self) == count)
      let message = try world.matchedProbe(from: 0, tag: 1)
      let status = message.status
      let values = try message.receive([Int8].self)
      values.withUnsafeBufferPointer { check($0, status) }
      try send.wait()
    }
  }
}
