#pragma once
// What the program has said to the person so far.

#include <QSignalSpy>
#include <QString>
#include <QStringList>

#include "ui/shell/app_context.h"

class Notices : public QSignalSpy {
 public:
  explicit Notices(hearsay::ui::AppContext& app) : QSignalSpy(&app, &hearsay::ui::AppContext::noticed) {}
  [[nodiscard]] QString all() const {
    QStringList sentences;
    for (const auto& notice : *this) sentences << notice[0].toString();
    return sentences.join(QStringLiteral(" | "));
  }
  [[nodiscard]] bool said(const char* words) const { return all().contains(QString::fromLatin1(words)); }
};
