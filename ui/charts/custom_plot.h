#pragma once
// QCustomPlot, whose header is written with Qt's lower-case keywords; we compile without them (LibTorch has a `slots`
// of its own). Include this instead of <qcustomplot.h>, in .cpp files only.

#define signals Q_SIGNALS
#define slots Q_SLOTS
#define emit
#define foreach Q_FOREACH
#include <qcustomplot.h>
#undef signals
#undef slots
#undef emit
#undef foreach
