// What only the course of a run, or the solver, can tell.

extension BadInput {
  /// Formulas that lose their value later, values that the solver or the precision cannot take.
  static let courses: [BadInput] = [
    .change(
      "safety tiny", "end = 0.5", to: "end = 0.5\nsafety = 1e-300",
      says: "the step is 1e-300 times the stability limit of 0.625 s at t = 0 s, which makes more than 1e12 steps"),
    .change(
      "diffusivity vast", "diffusivity = 1.0e-3", to: "diffusivity = 1e300",
      says: "the step is 0.9 times the stability limit of 6.25e-304 s at t = 0 s, which makes more than 1e12 steps"),
    .change(
      "stages huge", "initial = 300", to: "initial = 300\nscheme = \"rkl2\"\nstages = 1000000000000",
      says: "config.toml:15:10: heat.stages must be >= 3 and <= 1000, not 1000000000000"),
    .change(
      "diffusivity negative later", "diffusivity = 1.0e-3", to: #"diffusivity = "1e-3*(0.25 - t)""#,
      says: #"config.toml:12:15: heat.diffusivity = "1e-3*(0.25 - t)" is -5"#),
    .change(
      "diffusivity nan later", "diffusivity = 1.0e-3", to: #"diffusivity = "1e-3*sqrt(0.25 - t)""#,
      says:
        #"config.toml:12:15: heat.diffusivity = "1e-3*sqrt(0.25 - t)" is nan at x = 0.025 m, y = 0.025 m, t = 0.3 s"#),
    .change(
      "source nan later", "initial = 300", to: #"initial = 300\#nsource = "sqrt(0.25 - t)""#,
      says: #"config.toml:14:10: heat.source = "sqrt(0.25 - t)" is nan at x = 0.025 m, y = 0.025 m, t = 0.3 s"#),
    .change(
      "source infinite later", "initial = 300", to: #"initial = 300\#nsource = "exp(10000*t)""#,
      says: #"config.toml:14:10: heat.source = "exp(10000*t)" is inf at x = 0.025 m, y = 0.025 m, t = 0.1 s"#),
    .change(
      "side nan", "value = 300", to: #"value = "sqrt(y - 0.5)""#,
      says: #"config.toml:16:31: boundary.x.value = "sqrt(y - 0.5)" is nan at x = 0 m, y = 0.025 m; it must be finite"#),
    .change(
      "side nan later", "value = 300", to: #"value = "300 + sqrt(0.25 - t)""#,
      says: #"config.toml:16:31: boundary.x.value = "300 + sqrt(0.25 - t)" is nan at x = 0 m, y = 0.025 m, t = 0.3 s"#),
    .side(
      "film negative", #"x = { kind = "convective", h = "y - 0.5", ambient = 300 }"#,
      says: #"config.toml:16:32: boundary.x.h = "y - 0.5" is -0.475 at x = 0 m, y = 0.025 m; it must be >= 0"#),
    .side(
      "film negative later", #"x.high = { kind = "convective", h = "0.25 - t", ambient = 300 }"#,
      says: #"config.toml:16:37: boundary.x.high.h = "0.25 - t" is -0.05"#),
    .changes(
      "too large for float",
      [(#"solver = "heat""#, #"solver = "heat"\#nprecision = "float""#), ("initial = 300", "initial = 1e100")],
      says:
        "config.toml:14:11: heat.initial is 1e+100 at x = 0.025 m, y = 0.025 m, which single precision does not hold: set precision"
    ),
    .picture(
      "picture of an unknown field", #"{ file = "plate.png", field = "temprature" }"#,
      says: #"config.toml:21:21: the picture's field "temprature" is unknown; did you mean "temperature"?"#),
  ]
}
