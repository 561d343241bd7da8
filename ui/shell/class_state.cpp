#include "ui/shell/class_state.h"

#include <QJsonObject>
#include <algorithm>
#include <map>

#include "base/error.h"

namespace hearsay::ui {

QJsonArray classesToJson(const ClassList& classes) {
  QJsonArray array;
  for (const SoundClass& one : classes) {
    QJsonArray aliases;
    for (const std::string& alias : one.aliases) aliases.append(QString::fromStdString(alias));
    array.append(QJsonObject{{"name", QString::fromStdString(one.name)},
                             {"aliases", aliases},
                             {"description", QString::fromStdString(one.description)},
                             {"colour", QString::fromStdString(one.colour)}});
  }
  return array;
}

ClassList classesFromJson(const QJsonArray& array) {
  ClassList classes;
  for (const QJsonValue& value : array) {
    const QJsonObject object = value.toObject();
    if (object.value("name").toString().isEmpty()) continue;
    SoundClass one;
    one.name = object.value("name").toString().toStdString();
    for (const QJsonValue& alias : object.value("aliases").toArray()) {
      one.aliases.push_back(alias.toString().toStdString());
    }
    one.description = object.value("description").toString().toStdString();
    one.colour = object.value("colour").toString().toStdString();
    classes.push_back(std::move(one));
  }
  return classes;
}

bool sameWords(const ClassList& a, const ClassList& b) {
  const auto words = [](const ClassList& classes) {
    std::map<std::string, std::pair<std::vector<std::string>, std::string>> byName;
    for (const SoundClass& one : classes) byName[one.name] = {one.aliases, one.description};
    return byName;
  };
  return words(a) == words(b);
}

bool sameClasses(const ClassList& a, const ClassList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const SoundClass& x, const SoundClass& y) {
    return x.name == y.name && x.aliases == y.aliases && x.description == y.description && x.colour == y.colour;
  });
}

QString firstNames(const ClassList& classes) {
  constexpr std::size_t kNamed = 3;
  QStringList names;
  for (std::size_t k = 0; k < std::min(classes.size(), kNamed); ++k) names << QString::fromStdString(classes[k].name);
  return names.join(QStringLiteral(", ")) + (classes.size() > kNamed ? QStringLiteral("…") : QString());
}

QString classProblem(const ClassList& classes) {
  try {
    check_classes(classes);
  } catch (const Error& error) {
    return QString::fromStdString(error.what());
  }
  return {};
}

}  // namespace hearsay::ui
