import Simulation

Simulation.main("grayscott", solvers: [SolverChoice(GrayScott<Float>.self, GrayScott<Double>.self)])
