#pragma once
#include <pnetcdf.h>
