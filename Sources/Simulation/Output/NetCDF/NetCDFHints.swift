internal import CPnetCDF

/// What MPI-IO and PnetCDF are told about how the file will be written.
struct NetCDFHints {
  private(set) var info: MPI_Info?

  init() {
    MPI_Info_create(&info)
    let hints: KeyValuePairs = [
      "romio_cb_write": "enable",
      "romio_ds_write": "disable",
      "nc_in_place_swap": "disable",
    ]
    for (key, value) in hints { MPI_Info_set(info, key, value) }
  }

  func free() {
    var info = info
    MPI_Info_free(&info)
  }
}
