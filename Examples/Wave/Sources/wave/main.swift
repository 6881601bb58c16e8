import Simulation

Simulation.main("wave", solvers: [SolverChoice(Wave<Float>.self, Wave<Double>.self)])
