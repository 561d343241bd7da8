#pragma once
// A home that cannot be written, or a full disk, is no reason not to start.

#include <QString>

namespace hearsay::ui {

/// Where the folders for data and cache cannot be made, new ones among the temporary files serve this run, and stay.
/// A sentence that says so; empty when all is well. Throws hearsay::Error where those cannot be made either.
QString useSpareFolders();

}  // namespace hearsay::ui
