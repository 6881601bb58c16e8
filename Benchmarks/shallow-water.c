// Shallow water as one writes it by hand in C when only speed counts: the scheme of Sources/Weather (MUSCL with a limiter,
// hydrostatic reconstruction, HLLC, Runge-Kutta of two stages, steps from the fastest wave), operation by operation, for
// shallow-water.toml. Depth and velocities of a row are computed once, slopes and fluxes too: rows of scratch go round,
// and every loop is one that the compiler turns into vectors. Threads share rows; each fills the ghost cells that hang on
// its own.
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { G = 2, LINE = 8, VALUES = 4, FLUXES = 5 };
static const double gravity = 9.81, dry = 1e-6, sharpness = 2;

typedef struct {
  long nx, ny, row;
  double dx, dy;
} Grid;
typedef struct {
  double *h, *mx, *my;
} State;
typedef struct {
  double *restrict q[4][VALUES], *restrict sx[VALUES], *restrict sy[2][VALUES], *restrict fx[FLUXES], *restrict fy[2][FLUXES];
} Scratch;

static inline double greater(double a, double b) { return a > b ? a : b; }
static inline double lesser(double a, double b) { return a < b ? a : b; }

static double *rows_of_scratch(long count, long row) {
  double *memory = aligned_alloc(64, sizeof(double) * (size_t)(count * row));
  memset(memory, 0, sizeof(double) * (size_t)(count * row));
  return memory + 2 * LINE;
}

static void scratch_make(Scratch *s, const Grid *g) {
  long row = (g->row + 3 * LINE) | LINE, n = 0;
  double *base = rows_of_scratch(64, row);
  for (int k = 0; k < 4; k++) for (int v = 0; v < VALUES; v++) s->q[k][v] = base + row * n++;
  for (int v = 0; v < VALUES; v++) s->sx[v] = base + row * n++;
  for (int k = 0; k < 2; k++) for (int v = 0; v < VALUES; v++) s->sy[k][v] = base + row * n++;
  for (int v = 0; v < FLUXES; v++) s->fx[v] = base + row * n++;
  for (int k = 0; k < 2; k++) for (int v = 0; v < FLUXES; v++) s->fy[k][v] = base + row * n++;
}

// Rows are counted from -G, cells too.
static inline double *at(double *field, const Grid *g, long y) { return field + (y + G) * g->row + LINE; }

static void primitives(const Grid *g, Scratch *s, State in, double *bottom, long y) {
  double *restrict depth = s->q[y & 3][0], *restrict surface = s->q[y & 3][1];
  double *restrict u = s->q[y & 3][2], *restrict v = s->q[y & 3][3];
  const double *h = at(in.h, g, y), *b = at(bottom, g, y), *mx = at(in.mx, g, y), *my = at(in.my, g, y);
#pragma omp simd
  for (long x = -G; x < g->nx + G; x++) {
    double water = greater(h[x], 0), inverse = water < dry ? 0 : 1 / greater(water, dry);
    depth[x] = water;
    surface[x] = water + b[x];
    u[x] = mx[x] * inverse;
    v[x] = my[x] * inverse;
  }
}

static inline double limited(double low, double high) {
  double a = sharpness * low, b = sharpness * high, c = 0.5 * (low + high);
  double least = lesser(lesser(a, b), c), most = greater(greater(a, b), c);
  return greater(0, least) + lesser(0, most);
}

static void slopes_x(const Grid *g, Scratch *s, long y) {
  for (int k = 0; k < VALUES; k++) {
    const double *q = s->q[y & 3][k];
    double *restrict slope = s->sx[k];
#pragma omp simd
    for (long x = -1; x < g->nx + 1; x++) slope[x] = limited(q[x] - q[x - 1], q[x + 1] - q[x]);
  }
}

static void slopes_y(const Grid *g, Scratch *s, long y) {
  for (int k = 0; k < VALUES; k++) {
    const double *below = s->q[(y - 1) & 3][k], *here = s->q[y & 3][k], *above = s->q[(y + 1) & 3][k];
    double *restrict slope = s->sy[y & 1][k];
#pragma omp simd
    for (long x = 0; x < g->nx; x++) slope[x] = limited(here[x] - below[x], above[x] - here[x]);
  }
}

// One face; `L` and `R` are the values below and above it.
#define FLUX(HL, EL, UL, VL, HR, ER, UR, VR, F, X)                                                                   \
  double depth_l = HL, surface_l = EL, ul = UL, vl = VL, depth_r = HR, surface_r = ER, ur = UR, vr = VR;             \
  double floor_ = greater(surface_l - depth_l, surface_r - depth_r);                                                 \
  double hl = greater(0, lesser(surface_l - floor_, depth_l)), hr = greater(0, lesser(surface_r - floor_, depth_r)); \
  double cl = sqrt(gravity * hl), cr = sqrt(gravity * hr);                                                           \
  double um = 0.5 * (ul + ur) + (cl - cr), cm = greater(0, 0.5 * (cl + cr) + 0.25 * (ul - ur));                      \
  double slow = lesser(ul - cl, um - cm), fast = greater(ur + cr, um + cm);                                          \
  double sl = lesser(0, hl < dry ? ur - 2 * cr : slow), sr = greater(0, hr < dry ? ul + 2 * cl : fast);              \
  double part = sl / greater(sr - sl, 1e-30);                                                                        \
  double ml = hl * ul, mr = hr * ur;                                                                                 \
  double mass = ml + part * ((ml - mr) + sr * (hr - hl));                                                            \
  double force = 0.5 * gravity * ((hr - hl) * (hr + hl));                                                            \
  double below = ml * ul + part * (((ml * ul - mr * ur) - force) + sr * (mr - ml));                                  \
  F[0][X] = mass;                                                                                                    \
  F[1][X] = below;                                                                                                   \
  F[2][X] = below - force;                                                                                           \
  F[3][X] = mass < 0 ? mass * vr : mass * vl;                                                                        \
  F[4][X] = greater(sr, -sl);

static void fluxes_x(const Grid *g, Scratch *s, long y) {
  const double *restrict h = s->q[y & 3][0], *restrict e = s->q[y & 3][1], *restrict u = s->q[y & 3][2], *restrict v = s->q[y & 3][3];
  const double *restrict sh = s->sx[0], *restrict se = s->sx[1], *restrict su = s->sx[2], *restrict sv = s->sx[3];
  double *restrict f[FLUXES] = {s->fx[0], s->fx[1], s->fx[2], s->fx[3], s->fx[4]};
#pragma omp simd
  for (long x = 0; x <= g->nx; x++) {
    FLUX(h[x - 1] + 0.5 * sh[x - 1], e[x - 1] + 0.5 * se[x - 1], u[x - 1] + 0.5 * su[x - 1], v[x - 1] + 0.5 * sv[x - 1],
         h[x] - 0.5 * sh[x], e[x] - 0.5 * se[x], u[x] - 0.5 * su[x], v[x] - 0.5 * sv[x], f, x)
  }
}

static void fluxes_y(const Grid *g, Scratch *s, long y) {
  double *restrict *a = s->q[(y - 1) & 3], *restrict *b = s->q[y & 3], *restrict *sa = s->sy[(y - 1) & 1], *restrict *sb = s->sy[y & 1];
  const double *restrict h0 = a[0], *restrict e0 = a[1], *restrict u0 = a[2], *restrict v0 = a[3];
  const double *restrict h1 = b[0], *restrict e1 = b[1], *restrict u1 = b[2], *restrict v1 = b[3];
  const double *restrict sh0 = sa[0], *restrict se0 = sa[1], *restrict su0 = sa[2], *restrict sv0 = sa[3];
  const double *restrict sh1 = sb[0], *restrict se1 = sb[1], *restrict su1 = sb[2], *restrict sv1 = sb[3];
  double *restrict *f0 = s->fy[y & 1];
  double *restrict f[FLUXES] = {f0[0], f0[1], f0[2], f0[3], f0[4]};
#pragma omp simd
  for (long x = 0; x < g->nx; x++) {
    FLUX(h0[x] + 0.5 * sh0[x], e0[x] + 0.5 * se0[x], v0[x] + 0.5 * sv0[x], u0[x] + 0.5 * su0[x], h1[x] - 0.5 * sh1[x],
         e1[x] - 0.5 * se1[x], v1[x] - 0.5 * sv1[x], u1[x] - 0.5 * su1[x], f, x)
  }
}

typedef struct {
  double rate, smallest, zero;
} Notes;

static void update(const Grid *g, Scratch *s, State in, State first, State out, long y, double dt, double keep, Notes *notes) {
  const double *h = at(in.h, g, y), *mx = at(in.mx, g, y), *my = at(in.my, g, y);
  const double *h0 = at(first.h, g, y), *mx0 = at(first.mx, g, y), *my0 = at(first.my, g, y);
  double *restrict nh = at(out.h, g, y), *restrict nx = at(out.mx, g, y), *restrict ny = at(out.my, g, y);
  const double *restrict depth = s->q[y & 3][0], *restrict slope_x = s->sx[1], *restrict slope_y = s->sy[y & 1][1];
  const double *restrict f0 = s->fx[0], *restrict f1 = s->fx[1], *restrict f2 = s->fx[2], *restrict f3 = s->fx[3], *restrict f4 = s->fx[4];
  double *restrict *l = s->fy[y & 1], *restrict *u = s->fy[(y + 1) & 1];
  const double *restrict l0 = l[0], *restrict l2 = l[2], *restrict l3 = l[3], *restrict l4 = l[4];
  const double *restrict u0 = u[0], *restrict u1 = u[1], *restrict u3 = u[3], *restrict u4 = u[4];
  double rx = 1 / g->dx, ry = 1 / g->dy, rate = notes->rate, smallest = notes->smallest, zero = notes->zero;
#pragma omp simd reduction(max : rate) reduction(min : smallest) reduction(+ : zero)
  for (long x = 0; x < g->nx; x++) {
    double weight = gravity * depth[x];
    double dh = rx * (f0[x + 1] - f0[x]) + ry * (u0[x] - l0[x]);
    double dmx = rx * ((f1[x + 1] - f2[x]) + weight * slope_x[x]) + ry * (u3[x] - l3[x]);
    double dmy = rx * (f3[x + 1] - f3[x]) + ry * ((u1[x] - l2[x]) + weight * slope_y[x]);
    double here = rx * greater(f4[x], f4[x + 1]) + ry * greater(l4[x], u4[x]);
    double water = h[x] - dt * dh, a = mx[x] - dt * dmx, b = my[x] - dt * dmy;
    if (keep != 0) {
      water += keep * (h0[x] - water);
      a += keep * (mx0[x] - a);
      b += keep * (my0[x] - b);
    }
    rate = here > rate ? here : rate;
    smallest = water < smallest ? water : smallest;
    zero += 0 * (water + a + b);
    nh[x] = water < 0 ? 0 : water;
    nx[x] = water < dry ? 0 : a;
    ny[x] = water < dry ? 0 : b;
  }
  *notes = (Notes){rate, smallest, zero};
}

// Periodic on both axes: the ends of a row, and the rows beyond the grid that repeat it.
static void ghosts(const Grid *g, double *field, long y) {
  double *row = at(field, g, y);
  for (long k = 0; k < G; k++) {
    row[g->nx + k] = row[k];
    row[-1 - k] = row[g->nx - 1 - k];
  }
  long copy = y < G ? y + g->ny : y >= g->ny - G ? y - g->ny : y;
  if (copy != y) memcpy(at(field, g, copy) - G, row - G, sizeof(double) * (size_t)(g->nx + 2 * G));
}

static Notes stage(const Grid *g, Scratch *s, State in, State first, State out, double *bottom, long low, long high, double dt, double keep) {
  Notes notes = {0, INFINITY, 0};
  for (long y = low - 2; y < low + 2; y++) primitives(g, s, in, bottom, y);
  for (long y = low - 1; y < low + 1; y++) slopes_y(g, s, y);
  fluxes_y(g, s, low);
  for (long y = low; y < high; y++) {
    primitives(g, s, in, bottom, y + 2);
    slopes_y(g, s, y + 1);
    fluxes_y(g, s, y + 1);
    slopes_x(g, s, y);
    fluxes_x(g, s, y);
    update(g, s, in, first, out, y, dt, keep, &notes);
    ghosts(g, out.h, y);
    ghosts(g, out.mx, y);
    ghosts(g, out.my, y);
  }
  return notes;
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: shallow-water NX NY STEPS\n"), 2;
  Grid g = {.nx = atol(argv[1]), .ny = atol(argv[2])};
  long steps = atol(argv[3]);
  g.row = (g.nx + 2 * LINE + LINE - 1) / LINE * LINE;
  if (g.row % 64 == 0) g.row += LINE;
  g.dx = 20000.0 / (double)g.nx;
  g.dy = 10000.0 / (double)g.ny;
  size_t cells = (size_t)(g.row * (g.ny + 2 * G + 1));
  double *memory[10];
  for (int k = 0; k < 10; k++) memory[k] = aligned_alloc(64, sizeof(double) * (cells + 64 * LINE)) + 0;
  for (int k = 0; k < 10; k++) memory[k] += k * 37 % 64 * LINE;
  State a = {memory[0], memory[1], memory[2]}, b = {memory[3], memory[4], memory[5]}, c = {memory[6], memory[7], memory[8]};
  double *bottom = memory[9], rate = 0, start = 0, end = 0, time = 0, sum = 0;
  int broken = 0;
#pragma omp parallel
  {
    long t = omp_get_thread_num(), count = omp_get_num_threads();
    long low = g.ny * t / count, high = g.ny * (t + 1) / count;
    for (long y = low; y < high; y++) {
      for (long x = 0; x < g.nx; x++) {
        double px = ((double)x + 0.5) * g.dx, py = ((double)y + 0.5) * g.dy;
        double z = -20 + 5 * sin(px / 1e3) * cos(py / 700), rx = px - 10e3, ry = py - 5e3;
        at(bottom, &g, y)[x] = z;
        at(a.h, &g, y)[x] = exp(-(rx * rx + ry * ry) / (2 * 1e6)) - z;
        at(a.mx, &g, y)[x] = at(a.my, &g, y)[x] = 0;
      }
      double *fields[] = {bottom, a.h, a.mx, a.my};
      for (int k = 0; k < 4; k++) ghosts(&g, fields[k], y);
    }
    Scratch scratch;
    scratch_make(&scratch, &g);
    State from = a, middle = b, to = c;
    double fastest = 0;
    for (long y = low; y < high; y++)
      for (long x = 0; x < g.nx; x++)
        fastest = greater(fastest, sqrt(gravity * at(a.h, &g, y)[x]) * (1 / g.dx + 1 / g.dy));
#pragma omp critical
    rate = greater(rate, fastest);
#pragma omp barrier
#pragma omp master
    start = seconds();
    double now = 0;
    for (long step = 0; step < steps; step++) {
      // As in the program: a step within the limit by the waves of the state that it starts from.
      double dt = 0.45 / rate;
#pragma omp barrier
#pragma omp single
      rate = 0;
      Notes one = stage(&g, &scratch, from, from, middle, bottom, low, high, dt, 0);
#pragma omp barrier
      Notes two = stage(&g, &scratch, middle, from, to, bottom, low, high, dt, 0.5);
#pragma omp critical
      {
        rate = greater(rate, one.rate);
        if (!(one.smallest >= -1e-9 && two.smallest >= -1e-9 && one.zero + two.zero == 0)) broken = 1;
      }
#pragma omp barrier
      State spare = from;
      from = to;
      to = spare;
      now += dt;
    }
#pragma omp master
    {
      end = seconds();
      time = now;
      for (long y = 0; y < g.ny; y++)
        for (long x = 0; x < g.nx; x++) sum += at(from.h, &g, y)[x] * g.dx * g.dy;
    }
  }
  if (broken) return fprintf(stderr, "shallow-water: not water any more\n"), 1;
  printf("{\"gcell_per_second\": %.6f, \"time\": %.6f, \"volume\": %.15e}\n",
         1e-9 * (double)(g.nx * g.ny) * (double)steps / (end - start), time, sum);
  return 0;
}
