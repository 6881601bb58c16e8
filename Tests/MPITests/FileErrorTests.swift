import Foundation
import MPI
import TestSupport
import Testing

/// The error that a call throws; nil when it throws none.
private func mpiError(_ call: () throws -> Void) -> MPIError? {
  do { try call() } catch { return error as? MPIError }
  return nil
}

private final class FileErrorLog {
  var classes: [ErrorClass] = []
}

extension OnEveryRank {
  @Suite struct FileErrorTests {
    let rank = world.rank
    let size = world.size

    @Test func whatCannotBeOpenedSaysWhy() throws {
      try inSharedFolder { folder in
        let path = "\(folder)/a.bin"
        let missing = mpiError { _ = try File(opening: path, .readWrite, over: world) }
        #expect(missing?.errorClass == .noSuchFile && missing?.function == "MPI_File_open")
        #expect(missing?.text.contains(path) == true)
        let nowhere = mpiError { _ = try File(opening: "\(path)/b", [.create, .readWrite], over: world) }
        #expect(nowhere?.errorClass == .noSuchFile)
        let noFile = mpiError { _ = try File(opening: folder, .readWrite, over: world) }
        #expect(noFile?.errorClass == .badFile)
        let undeletable = mpiError { try File.delete(path) }
        #expect(undeletable?.errorClass == .noSuchFile)
        try world.barrier()
        try File(opening: path, [.create, .writeOnly], over: world).close()
        let existing = mpiError { _ = try File(opening: path, [.create, .exclusive, .writeOnly], over: world) }
        #expect(existing?.errorClass == .fileExists)
        if size > 1 {
          let other = mpiError { _ = try File(opening: path, rank == 0 ? .readOnly : .readWrite, over: world) }
          #expect(other?.errorClass == .notSame)
        }
        let file = try File(opening: path, .readOnly, over: world)
        let refused = mpiError { try file.write(1, at: 0) }
        #expect(refused?.errorClass == .readOnly || refused?.errorClass == .accessDenied)
        let unknown = mpiError { try file.setView(of: Int.self, representation: "morse") }
        #expect(unknown?.errorClass == .unsupportedRepresentation)
        try file.close()
      }
    }

    @Test func permissionIsNeeded() throws {
      try inSharedFolder { folder in
        let path = "\(folder)/a.bin"
        try File(opening: path, [.create, .writeOnly], over: world).close()
        if rank == 0 { chmod(path, 0) }
        try world.barrier()
        // Nothing is forbidden to root, who becomes nobody for a moment.
        let user = geteuid()
        if user == 0 { try #require(seteuid(65534) == 0) }
        let denied = mpiError { _ = try File(opening: path, .readWrite, over: world) }
        if user == 0 { try #require(seteuid(0) == 0) }
        #expect(denied?.errorClass == .accessDenied)
      }
    }

    @Test func aFailedReadIsReported() throws {
      // Nothing is at address 0 of a process.
      let alone = try world.split(color: rank)
      let file = try File(opening: "/proc/self/mem", .readOnly, over: try #require(alone))
      let buffer = MessageBuffer([UInt8](repeating: 0, count: 100))
      let errors = [
        mpiError { _ = try file.read([UInt8].self, count: 100, at: 0) },
        mpiError { _ = try file.readCollectively([UInt8].self, count: 100, at: 0) },
        mpiError { _ = try file.startRead(into: buffer, at: 0).wait() },
        mpiError { _ = try file.startReadCollectively(into: buffer, at: 0).wait() },
      ]
      #expect(errors.allSatisfy { $0?.errorClass == .inputOutput }, "\(errors)")
      try file.close()
    }

    // Only root may make a disk of 64 kB.
    @Test(.enabled(if: geteuid() == 0)) func aFullDiskIsReported() throws {
      try inSharedFolder { folder in
        if rank == 0 {
          let isMounted = mount("none", folder, "tmpfs", 0, "size=64k") == 0
          try #require(try world.broadcast(isMounted ? 1 : 0, from: 0) == 1)
        } else {
          try #require(try world.broadcast(0, from: 0) == 1)
        }
        defer { if rank == 0 { umount2(folder, Int32(MNT_DETACH)) } }
        let file = try File(opening: "\(folder)/a.bin", [.create, .readWrite], over: world)
        let bytes = MessageBuffer([UInt8](repeating: 1, count: 100_000))
        let every = Pattern.vector(count: 100, blockLength: 10, stride: 10 * size).shifted(by: 10 * rank)

        /// Every rank gets the error, and afterwards room is made.
        func isFull(_ what: String, _ call: () throws -> Void) throws {
          let error = #expect(throws: MPIError.self, "\(what)") { try call() }
          #expect(error?.errorClass == .noSpace, "\(what): \(error.map(String.init(describing:)) ?? "")")
          try world.barrier()
          try file.setView(of: UInt8.self)
          try file.setSize(0)
          try world.barrier()
        }
        try isFull("at an offset") { try file.write(bytes, at: 100_000 * rank) }
        try isFull("collectively") { try file.writeCollectively(bytes, at: 100_000 * rank) }
        try isFull("with gaps") {
          try file.setView(of: UInt8.self, every.resized(extent: 1000 * size))
          try file.write(bytes, at: 0)
        }
        try isFull("collectively with gaps") {
          try file.setView(of: UInt8.self, every.resized(extent: 1000 * size))
          try file.writeCollectively(bytes, at: 0)
        }
        try isFull("shared") { try file.writeShared(bytes) }
        try isFull("in order") { try file.writeOrdered(bytes) }
        try isFull("preallocated") { try file.preallocate(200_000) }
        try isFull("while computing") { try file.startWrite(bytes, at: 100_000 * rank).wait() }
        try isFull("together while computing") {
          try file.startWriteCollectively(bytes, at: 100_000 * rank).wait()
        }
        try isFull("shared while computing") { try file.startWriteShared(bytes).wait() }
        try isFull("in two halves") { try file.beginWriteCollectively(bytes, at: 100_000 * rank).end() }
        // The file can be used again.
        bytes[0] = 7
        try file.writeCollectively(bytes[0..<1000], at: 1000 * rank)
        #expect(try file.read(UInt8.self, at: 1000 * rank) == 7)
        try file.close()
        try world.barrier()
      }
    }

    @Test func everyFileCallReportsItsFailure() throws {
      try inSharedFolder { folder in
        let path = "\(folder)/a.bin"
        let opened = try File(opening: path, [.create, .readWrite], over: world)
        fails("MPI_File_open") { _ = try File(opening: path, .readWrite, over: world) }
        fails("MPI_File_set_errhandler") { _ = try File(opening: path, .readWrite, over: world) }
        fails("MPI_File_delete") { try File.delete(path) }
        fails("MPI_File_get_size") { _ = try opened.size }
        fails("MPI_File_set_size") { try opened.setSize(1) }
        fails("MPI_File_preallocate") { try opened.preallocate(1) }
        fails("MPI_File_get_amode") { _ = try opened.mode }
        fails("MPI_File_get_group") { _ = try opened.group() }
        fails("MPI_File_get_info") { _ = try opened.hints }
        fails("MPI_File_set_info") { try opened.setHints(try Info()) }
        fails("MPI_File_get_atomicity") { _ = try opened.isAtomic }
        fails("MPI_File_set_atomicity") { try opened.setAtomic(true) }
        fails("MPI_File_sync") { try opened.sync() }
        fails("MPI_File_get_type_extent") { _ = try opened.extent(of: Int.self) }
        fails("MPI_File_set_view") { try opened.setView(of: Int.self) }
        fails("MPI_File_get_view") { _ = try opened.currentView }
        fails("MPI_Type_get_envelope") { _ = try opened.currentView }
        fails("MPI_File_seek") { try opened.seek(to: 0) }
        fails("MPI_File_get_position") { _ = try opened.position }
        fails("MPI_File_seek_shared") { try opened.seekShared(to: 0) }
        fails("MPI_File_get_position_shared") { _ = try opened.sharedPosition }
        fails("MPI_File_get_byte_offset") { _ = try opened.byteOffset(of: 0) }
        fails("MPI_File_close") { try opened.close() }
        #expect(!opened.isOpen)
      }
    }

    @Test func aClosureIsToldOfErrors() throws {
      try withNewFile { file in
        guard case .throwing = try file.errorHandling() else {
          Issue.record("The calls of a file throw from the start.")
          return
        }
        let log = FileErrorLog()
        try file.setErrorHandling(.reporting { log.classes.append($0.errorClass) })
        let thrown = mpiError { try file.setView(of: Int.self, representation: "morse") }
        #expect(thrown?.errorClass == .unsupportedRepresentation)
        #expect(log.classes == [.unsupportedRepresentation])
        try file.handle(try #require(thrown))
        #expect(log.classes == [.unsupportedRepresentation, .unsupportedRepresentation])
        if case .reporting(let report)? = try file.errorHandling(), let thrown { report(thrown) }
        #expect(log.classes.count == 3)
        try file.setErrorHandling(.fatal)
        if case .fatal? = try file.errorHandling() { log.classes = [] }
        #expect(log.classes.isEmpty)
        try file.setErrorHandling(.throwing)
        let again = mpiError { try file.setView(of: Int.self, representation: "morse") }
        #expect(again?.errorClass == .unsupportedRepresentation && log.classes.isEmpty)
        fails("MPI_File_set_errhandler") { try file.setErrorHandling(.fatal) }
        fails("MPI_File_create_errhandler") { try file.setErrorHandling(.reporting { _ in }) }
        fails("MPI_File_get_errhandler") { _ = try file.errorHandling() }
        if let again { fails("MPI_File_call_errhandler") { try file.handle(again) } }
      }
    }

    private var splits: [(String, (File, MessageBuffer<Int>) throws -> Void)] {
      [
        ("MPI_File_write_at_all", { try $0.beginWriteCollectively($1, at: 0).end() }),
        ("MPI_File_write_all", { try $0.beginWriteCollectively($1).end() }),
        ("MPI_File_write_ordered", { try $0.beginWriteOrdered($1).end() }),
        ("MPI_File_read_at_all", { _ = try $0.beginReadCollectively(into: $1, at: 0).end() }),
        ("MPI_File_read_all", { _ = try $0.beginReadCollectively(into: $1).end() }),
        ("MPI_File_read_ordered", { _ = try $0.beginReadOrdered(into: $1).end() }),
      ]
    }

    @Test func everyEndOfASplitReportsItsFailure() throws {
      // The library believes that the transfer goes on: each needs a file of its own.
      for (name, call) in splits {
        try withNewFile { file in fails("\(name)_end") { try call(file, MessageBuffer([1])) } }
      }
    }

    @Test func everyTransferReportsItsFailure() throws {
      try withNewFile { file in
        let buffer = MessageBuffer([1])
        var value = 1
        fails("MPI_File_write_at") { try file.write(1, at: 0) }
        fails("MPI_File_write") { try file.write(1) }
        fails("MPI_File_write_at_all") { try file.writeCollectively(1, at: 0) }
        fails("MPI_File_write_all") { try file.writeCollectively(1) }
        fails("MPI_File_write_shared") { try file.writeShared(1) }
        fails("MPI_File_write_ordered") { try file.writeOrdered(1) }
        fails("MPI_File_read_at") { _ = try file.read(into: &value, at: 0) }
        fails("MPI_File_read") { _ = try file.read([Int].self, count: 1) }
        fails("MPI_File_read_at_all") { _ = try file.readCollectively(into: &value, at: 0) }
        fails("MPI_File_read_all") { _ = try file.readCollectively([Int].self, count: 1) }
        fails("MPI_File_read_shared") { _ = try file.readShared(into: &value) }
        fails("MPI_File_read_ordered") { _ = try file.readOrdered(into: &value) }
        fails("MPI_Get_elements_x") { _ = try file.read(into: &value, at: 0) }
        fails("MPI_File_iwrite_at") { try file.startWrite(buffer, at: 0).wait() }
        fails("MPI_File_iwrite") { try file.startWrite(buffer).wait() }
        fails("MPI_File_iwrite_at_all") { try file.startWriteCollectively(buffer, at: 0).wait() }
        fails("MPI_File_iwrite_all") { try file.startWriteCollectively(buffer).wait() }
        fails("MPI_File_iwrite_shared") { try file.startWriteShared(buffer).wait() }
        fails("MPI_File_iread_at") { _ = try file.startRead(into: buffer, at: 0).wait() }
        fails("MPI_File_iread") { _ = try file.startRead(into: buffer).wait() }
        fails("MPI_File_iread_at_all") { _ = try file.startReadCollectively(into: buffer, at: 0).wait() }
        fails("MPI_File_iread_all") { _ = try file.startReadCollectively(into: buffer).wait() }
        fails("MPI_File_iread_shared") { _ = try file.startReadShared(into: buffer).wait() }
        for (name, call) in splits { fails("\(name)_begin") { try call(file, buffer) } }
        // Nothing was begun or stays in use.
        buffer[0] = 5
        try file.writeCollectively(buffer, at: rank)
      }
    }
  }
}
