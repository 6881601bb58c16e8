import Stencils

/// The reference of all that a configuration may say, in Markdown, from the tables that check it.
package enum ConfigurationReference {
  package static func text(command: String, solvers: [(name: String, schema: Schema)]) -> String {
    var text = """
      # The configuration of \(command)

      A configuration is a [TOML](https://toml.io) file. Whatever it says is checked before anything runs: an unknown key,
      a wrong type or a value out of range is refused, with file, line and column. `--set KEY=VALUE` on the command line
      overrides a key by its full name, as in `--set time.end=2.5` or `--set "grid.cells=[64, 64]"`; text needs no quotes
      there, and a table replaces the whole of what the file has.

      This page is what `\(command) --reference` prints.

      ## At the top

      \(Schema.reference(of: CoreSchema.root(solvers: solvers.map(\.name)), table: ""))
      """
    for (name, keys) in CoreSchema.tables {
      text += "\n## `[\(name)]`\n\n" + Schema.reference(of: keys, table: name)
    }
    for (name, schema) in solvers {
      text += "\n## `[\(name)]`\n\nFor `solver = \"\(name)\"`.\n\n" + schema.reference(table: name)
    }
    return text + "\n" + forms
  }

  private static let forms = """
    ## `[boundary]`

    What holds on the sides of the grid, each axis by its name. The kinds are the solver's, above.

    ```toml
    [boundary]
    x.low = { kind = "fixed", value = 300 }      # one side
    x.high = "insulated"                         # a kind that needs no keys
    y = { kind = "fixed", value = "300 + 20*x" } # both sides of the axis
    z = "periodic"                               # the ends of the axis are neighbours
    ```

    ## Quantities

    A quantity is a number, a formula, a variable of a NetCDF file, or a table with a base value and regions in which
    something else holds; a later region overrides an earlier one.

    ```toml
    initial = 300
    initial = "300 + 50*exp(-200*(x^2 + y^2))"
    initial = { value = 300, regions = [{ box = [[0, 0], [0.5, 0.2]], value = "400 + 10*x" }] }
    initial = { file = "start.nc", variable = "temperature" }
    ```

    A variable of a file has a dimension for each axis of the grid, the last one for x, and perhaps one for time before
    them, of which the last record is taken. Where its samples are, the coordinate variables of its dimensions say, in
    metres; without them they are spread evenly over the grid. Between samples it is linear, beyond them constant. A run's
    own output is such a file.

    A formula may use `x`, `y`, `z` (m, as many as the grid has dimensions), `t` (s, where "t allowed" is said), `pi`, `e`,
    `+ - * / ^`, `< <= > >= == != && ||`, a choice `condition ? a : b`, and the functions
    \(FormulaScope.functions.map { "`\($0)`" }.joined(separator: ", ")).
    `step(a)` is 0 for `a < 0` and else 1; `mod(a, b)` has the sign of `b`; angles are in radians. A value that is not
    finite, or not in the range of its key, at any cell is an error.

    ## Regions

    | region | holds |
    | --- | --- |
    | `{ box = [[x, y, z], [x, y, z]] }` | low corner <= position < high corner; one coordinate a dimension |
    | `{ ball = { center = [x, y, z], radius = r } }` | closer to the centre than the radius; a disc in two dimensions |
    | `{ layer = { axis = "x", from = a, to = b } }` | a <= x < b; `from` or `to` may be left out |

    A cell lies in a region when its centre does.

    """
}
