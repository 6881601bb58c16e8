import Simulation

Simulation.main("advection", solvers: [SolverChoice(Advection<Float>.self, Advection<Double>.self)])
