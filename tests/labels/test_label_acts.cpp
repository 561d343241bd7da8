// Every act: what it changes, what it says, and that undo and redo bring back exactly what was.

#include <QtTest>
#include <random>

#include "session_fixture.h"

using namespace session_fixture;

class TestLabelActs : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void acceptASuggestion() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_suggestions(2, "print", std::vector<Suggestion>{{3, 0.25}, {1, 0.75}});
    const Change change = session.accept(2, 1);
    QCOMPARE(change.clips, (ClipIds{2}));
    QCOMPARE(change.text, std::string("Accept \"dog\" for dogs/bark.wav"));
    QVERIFY(!change.classes && !change.region);
    const auto labels = session.labels(2);
    QCOMPARE(labels.size(), std::size_t{1});
    QCOMPARE(labels[0].by, LabelledBy::Model);
    QCOMPARE(labels[0].score, std::optional<double>(0.75));
    QCOMPARE(session.clip(2).state, ClipState::Labelled);
    QVERIFY(session.accept(2, 1).empty());  // once more changes nothing
    session.accept(2, 3);                   // a second label
    QCOMPARE(session.labels(2).size(), std::size_t{2});
    QCOMPARE(kind_of([&] { session.accept(2, 2); }), ErrorKind::Usage);  // not suggested
    QCOMPARE(kind_of([&] { session.accept(1, 1); }), ErrorKind::Usage);
  }

  void acceptTheBestOfMany() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_suggestions(1, "p", std::vector<Suggestion>{{2, 0.9}, {1, 0.1}});
    session.set_suggestions(2, "p", std::vector<Suggestion>{{1, 0.4}});
    session.set_suggestions(3, "p", std::vector<Suggestion>{{1, 0.8}});
    const Change change = session.accept_best(ClipIds{1, 2, 3, 4}, 0.5);
    QCOMPARE(change.clips, (ClipIds{1, 3}));
    QCOMPARE(change.text, std::string("Accept the best suggestion for 2 clips"));
    QCOMPARE(session.labels(1).at(0).class_id, ClassId{2});
    QVERIFY(session.labels(2).empty());
    session.undo();  // one act
    QVERIFY(session.labels(1).empty() && session.labels(3).empty());
  }

  void setLabels() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_suggestions(1, "p", std::vector<Suggestion>{{2, 0.9}});
    session.accept(1, 2);
    const Change change = session.set_labels(1, ClassIds{3, 2});
    QCOMPARE(change.text, std::string("Label rain.wav: siren, rain"));
    const auto labels = session.labels(1);
    QCOMPARE(labels.size(), std::size_t{2});
    QCOMPARE(labels[0].by, LabelledBy::Model);  // rain was there: it keeps who gave it
    QCOMPARE(labels[1].by, LabelledBy::Person);
    QVERIFY(!labels[1].score);
    QVERIFY(session.set_labels(1, ClassIds{2, 3}).empty());
    session.set_labels(1, ClassIds{});
    QVERIFY(session.labels(1).empty());
    QCOMPARE(session.clip(1).state, ClipState::Unseen);
    const Change many = session.set_labels(ClipIds{1, 2, 3}, ClassIds{1});
    QCOMPARE(many.clips, (ClipIds{1, 2, 3}));
    QCOMPARE(many.text, std::string("Label 3 clips: dog"));
    QCOMPARE(session.undo().clips, (ClipIds{1, 2, 3}));
    QVERIFY(session.labels(2).empty());
    QVERIFY(session.set_labels(ClipIds{}, ClassIds{1}).empty());
  }

  void skipAndClear() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    session.set_note(1, "kept");
    QCOMPARE(session.skip(1).text, std::string("Skip rain.wav"));
    QCOMPARE(session.clip(1).state, ClipState::Skipped);
    QVERIFY(session.skip(1).empty());
    session.set_labels(1, ClassIds{1});  // a label ends the skip
    QCOMPARE(session.clip(1).state, ClipState::Labelled);
    QVERIFY(session.skip(1).empty());  // a labelled clip stays labelled
    session.add_region(1, 1.0, 2.0, 2);
    QCOMPARE(session.clear(1).text, std::string("Clear rain.wav"));
    QCOMPARE(session.clip(1).state, ClipState::Unseen);
    QVERIFY(session.labels(1).empty() && session.regions(1).empty());
    QCOMPARE(session.clip(1).note, std::string("kept"));
    QVERIFY(session.clear(1).empty());
    session.undo();
    QCOMPARE(session.labels(1).size() + session.regions(1).size(), std::size_t{2});
  }

  void notes() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    QVERIFY(session.set_note(1, "").empty());
    session.set_note(1, "first");
    session.set_note(1, "bad \xff byte, \"quotes\" and\nlines");
    QCOMPARE(session.clip(1).note, std::string("bad \uFFFD byte, \"quotes\" and\nlines"));
    QVERIFY(session.set_note(1, session.clip(1).note).empty());
    session.undo();
    QCOMPARE(session.clip(1).note, std::string("first"));
    session.undo();
    QVERIFY(session.clip(1).note.empty());
  }

  void regions() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    const Change late = session.add_region(1, 5.0, 6.0, 1, LabelledBy::Model, 0.5);
    QVERIFY(late.region.has_value());
    QCOMPARE(session.clip(1).state, ClipState::Labelled);
    const Change early = session.add_region(1, 0.0, 10.005, 2);  // rounding at the end is cut off
    const auto regions = session.regions(1);
    QCOMPARE(regions.size(), std::size_t{2});
    QCOMPARE(regions[0].id, *early.region);
    QCOMPARE(regions[0].end, 10.0);
    QCOMPARE(regions[1].by, LabelledBy::Model);
    QCOMPARE(regions[1].score, std::optional<double>(0.5));
    QCOMPARE(session.move_region(*late.region, 1.25, 2.5).region, late.region);
    QCOMPARE(session.regions(1)[1].start, 1.25);
    QVERIFY(session.move_region(*late.region, 1.25, 2.5).empty());
    const Change renamed = session.set_region_class(*late.region, 3);
    QCOMPARE(renamed.clips, (ClipIds{1}));
    QCOMPARE(session.regions(1)[1].by, LabelledBy::Person);  // corrected by the person
    QVERIFY(session.set_region_class(*late.region, 3).empty());
    const Change removed = session.remove_region(*late.region);
    QVERIFY(!removed.region);
    QCOMPARE(session.regions(1).size(), std::size_t{1});
    QCOMPARE(session.undo().region, late.region);  // back again, with its id
    QCOMPARE(session.regions(1)[1].id, *late.region);
  }

  void regionsMustLieInTheClip() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<std::pair<double, double>> wrong = {{-0.1, 1.0}, {1.0, 1.0}, {2.0, 1.0},      {0.0, 10.5},
                                                          {nan, 1.0},  {0.0, nan}, {0.0, infinity}, {10.0, 10.005}};
    for (const auto& [start, end] : wrong) {
      QCOMPARE(kind_of([&] { session.add_region(1, start, end, 1); }), ErrorKind::Usage);
    }
    QCOMPARE(kind_of([&] { session.add_region(1, 0.0, 1.0, 1, LabelledBy::Model, nan); }), ErrorKind::Usage);
    QVERIFY(!kind_of([&] { session.add_region(3, 0.0, 500.0, 1); }));  // length unknown
    const RegionId id = session.regions(3).at(0).id;
    QCOMPARE(kind_of([&] { session.move_region(id, 3.0, 2.0); }), ErrorKind::Usage);
  }

  void classes() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    const Change added = session.add_class("  cat\tmeow ");
    QVERIFY(added.classes && added.clips.empty());
    QCOMPARE(session.classes().back().name, std::string("cat meow"));
    QCOMPARE(session.classes().back().id, ClassId{4});
    QCOMPARE(kind_of([&] { session.add_class("DOG"); }), ErrorKind::Usage);
    QCOMPARE(kind_of([&] { session.add_class("  "); }), ErrorKind::Usage);
    QCOMPARE(kind_of([&] { session.rename_class(1, "rain"); }), ErrorKind::Usage);
    QVERIFY(session.rename_class(1, "Dog").classes);  // its own name in another case is allowed
    QVERIFY(session.rename_class(1, "Dog").empty());
    session.set_labels(ClipIds{1, 2}, ClassIds{4, 2});
    session.add_region(2, 0.0, 1.0, 4);
    session.set_suggestions(3, "p", std::vector<Suggestion>{{4, 0.6}, {1, 0.2}});
    const Change removed = session.remove_class(4);
    QCOMPARE(removed.clips, (ClipIds{1, 2}));
    QVERIFY(removed.classes);
    QCOMPARE(session.classes().size(), std::size_t{3});
    QCOMPARE(session.labels(1).size(), std::size_t{1});
    QVERIFY(session.regions(2).empty());
    QCOMPARE(session.suggestions(3).items.size(), std::size_t{1});
    QVERIFY(session.undo().classes);
    QCOMPARE(session.labels(1).size(), std::size_t{2});
    QCOMPARE(session.regions(2).size(), std::size_t{1});
    QCOMPARE(session.classes().back().id, ClassId{4});
    session.redo();
    session.add_class("bell");
    QCOMPARE(session.classes().back().id, ClassId{5});  // the id of a removed class is not used again
  }

  void undoAndRedoInWords() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    QVERIFY(session.undo().empty() && session.redo().empty());
    session.set_labels(1, ClassIds{2});
    session.skip(2);
    QCOMPARE(session.undo_text(), std::optional<std::string>("Skip dogs/bark.wav"));
    QVERIFY(!session.redo_text());
    QCOMPARE(session.undo().text, std::string("Skip dogs/bark.wav"));
    QCOMPARE(session.undo_text(), std::optional<std::string>("Label rain.wav: rain"));
    QCOMPARE(session.redo_text(), std::optional<std::string>("Skip dogs/bark.wav"));
    session.skip(3);  // a new act: what was undone cannot be redone any more
    QVERIFY(!session.redo_text());
    QVERIFY(session.redo().empty());
    session.undo();
    session.undo();
    QVERIFY(!session.undo_text());
    QVERIFY(session.undo().empty());
  }

  void undoOutlivesClosing() {
    const Fixture fixture;
    std::vector<std::string> states;
    {
      LabelSession session = fixture.create();
      states.push_back(decisions(session));
      session.set_labels(1, ClassIds{1, 2});
      states.push_back(decisions(session));
      session.add_region(2, 0.125, 3.999, 3, LabelledBy::Model, 1.0 / 3.0);
      states.push_back(decisions(session));
      session.add_class("cat");
      states.push_back(decisions(session));
      session.undo();
    }
    LabelSession session = fixture.open();
    QCOMPARE(session.redo_text(), std::optional<std::string>("Add the class \"cat\""));
    session.redo();
    for (std::size_t i = states.size(); i-- > 0;) {
      QCOMPARE(decisions(session), states[i]);
      session.undo();
    }
    for (const std::string& state : states) {
      QCOMPARE(decisions(session), state);
      session.redo();
    }
    QCOMPARE(session.regions(2).at(0).score, std::optional<double>(1.0 / 3.0));  // to the last bit
  }

  void randomActsGoBackAndForth() {
    const Fixture fixture;
    LabelSession session = fixture.create();
    std::mt19937 random(7);
    std::vector<std::string> states = {decisions(session)};
    while (states.size() < 250) {
      if (!random_act(session, random).empty()) states.push_back(decisions(session));
    }
    for (std::size_t i = states.size(); i-- > 1;) {
      QCOMPARE(decisions(session), states[i]);
      QVERIFY(!session.undo().empty());
    }
    QCOMPARE(decisions(session), states.front());
    QVERIFY(session.undo().empty());
    for (std::size_t i = 1; i < states.size(); ++i) {
      QVERIFY(!session.redo().empty());
      QCOMPARE(decisions(session), states[i]);
    }
  }

 private:
  static Change random_act(LabelSession& session, std::mt19937& random) {
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const auto clip = static_cast<ClipId>(1 + below(4));
    const auto classes = session.classes();
    const ClassId class_id = classes[below(classes.size())].id;
    const auto regions = session.regions(clip);
    switch (below(9)) {
      case 0:
        return session.set_labels(clip, ClassIds{class_id});
      case 1:
        return session.clear(clip);
      case 2:
        return session.skip(clip);
      case 3:
        return session.set_note(clip, "note " + std::to_string(below(5)));
      case 4:
        return session.add_region(clip, 0.1 * static_cast<double>(below(10)), 1.5, class_id);
      case 5:
        return regions.empty() ? Change{} : session.remove_region(regions[below(regions.size())].id);
      case 6:
        return regions.empty() ? Change{} : session.move_region(regions.front().id, 0.5, 2.0);
      case 7:
        return session.add_class("class " + std::to_string(random()));
      default:
        return classes.size() > 2 ? session.remove_class(class_id) : Change{};
    }
  }
};

QTEST_APPLESS_MAIN(TestLabelActs)
#include "test_label_acts.moc"
