#include "model/pickle.h"

#include <bit>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace hearsay {

namespace {

/// A list that grows doubles, and for a moment has its old place beside the new one.
constexpr std::uint64_t kPerItem = 3 * sizeof(PickleId);
constexpr std::uint64_t kSmallest = 32;                                                  // what the smallest list takes
constexpr std::uint64_t kPerValue = sizeof(PickleValue) * 5 / 4 + kPerItem + kSmallest;  // a deque's blocks have gaps
constexpr std::uint64_t kPerMemo = 64;

}  // namespace

Pickle::Pickle(std::span<const std::byte> bytes, MemoryBudget& budget, std::string file)
    : bytes_(bytes), budget_(budget), file_(std::move(file)) {
  for (;;) {
    const auto code = static_cast<std::uint8_t>(take_number(1));
    if (code == '.') {
      root_ = pop();
      return;
    }
    if (!run_constant(code) && !run_container(code) && !run_memo(code) && !run_object(code)) {
      refuse("it uses the pickle instruction " + std::to_string(code) + " at byte " + std::to_string(at_ - 1) +
             ", which weights do not need");
    }
  }
}

const PickleValue* Pickle::find(const PickleValue& dict, std::string_view key) const {
  for (std::size_t i = 0; dict.kind == PickleKind::Dict && i + 1 < dict.items.size(); i += 2) {
    const PickleValue& name = values_[dict.items[i]];
    if (name.kind == PickleKind::Text && name.text == key) return &values_[dict.items[i + 1]];
  }
  return nullptr;
}

void Pickle::refuse(const std::string& what) const {
  throw Error(ErrorKind::BadFormat, file_ + " cannot be read as PyTorch weights: " + what + ".");
}

void Pickle::charge(std::uint64_t bytes) {
  if (!budget_.pay(bytes)) refuse("it holds more values than a file of its size should");
}

std::string_view Pickle::take(std::uint64_t count) {
  if (count > bytes_.size() - at_) refuse("it ends too early");
  const auto* start = reinterpret_cast<const char*>(bytes_.data()) + at_;
  at_ += count;
  return {start, static_cast<std::size_t>(count)};
}

std::uint64_t Pickle::take_number(std::size_t bytes) {
  std::uint64_t number = 0;
  const std::string_view raw = take(bytes);
  std::memcpy(&number, raw.data(), raw.size());
  return number;
}

std::string_view Pickle::take_line() {
  const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, bytes_.size() - at_);
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) refuse("it ends too early");
  at_ += end + 1;
  return rest.substr(0, end);
}

void Pickle::push(PickleValue value) {
  charge(kPerValue);
  values_.push_back(std::move(value));
  stack_.push_back(static_cast<PickleId>(values_.size() - 1));
}

void Pickle::push_kind(PickleKind kind, std::int64_t integer) {
  PickleValue value;
  value.kind = kind;
  value.integer = integer;
  push(std::move(value));
}

PickleId Pickle::pop() {
  if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back()))
    refuse("its instructions do not fit together");
  const PickleId id = stack_.back();
  stack_.pop_back();
  return id;
}

PickleValue& Pickle::top(PickleKind kind) {
  if (stack_.empty() || values_[stack_.back()].kind != kind) refuse("its instructions do not fit together");
  return values_[stack_.back()];
}

std::vector<PickleId> Pickle::pop_to_mark() {
  if (marks_.empty()) refuse("its instructions do not fit together");
  const auto start = static_cast<std::ptrdiff_t>(marks_.back());
  marks_.pop_back();
  charge((stack_.size() - static_cast<std::size_t>(start)) * kPerItem);
  std::vector<PickleId> items(stack_.begin() + start, stack_.end());
  stack_.erase(stack_.begin() + start, stack_.end());
  return items;
}

void Pickle::append(std::vector<PickleId>& items, PickleId item) {
  charge(kPerItem);
  items.push_back(item);
}

void Pickle::remember(std::uint64_t slot) {
  if (stack_.empty()) refuse("its instructions do not fit together");
  if (!memo_.contains(slot)) charge(kPerMemo);
  memo_[slot] = stack_.back();
}

bool Pickle::run_constant(std::uint8_t code) {
  const auto text = [&](std::uint64_t size) {
    PickleValue value;
    value.kind = PickleKind::Text;
    value.text = take(size);
    push(std::move(value));
  };
  switch (code) {
    case 'N':
      push_kind(PickleKind::None);
      return true;
    case 0x88:
      push_kind(PickleKind::Bool, 1);
      return true;
    case 0x89:
      push_kind(PickleKind::Bool, 0);
      return true;
    case 'K':
      push_kind(PickleKind::Int, static_cast<std::int64_t>(take_number(1)));
      return true;
    case 'M':
      push_kind(PickleKind::Int, static_cast<std::int64_t>(take_number(2)));
      return true;
    case 'J':
      push_kind(PickleKind::Int, static_cast<std::int32_t>(take_number(4)));
      return true;
    case 0x8a:
      push_long(take_number(1));
      return true;
    case 'G': {
      PickleValue value;
      value.kind = PickleKind::Float;
      value.number = std::bit_cast<double>(__builtin_bswap64(take_number(8)));
      push(std::move(value));
      return true;
    }
    case 'U':
    case 'C':
    case 0x8c:
      text(take_number(1));
      return true;
    case 'T':
    case 'B':
    case 'X':
      text(take_number(4));
      return true;
    case 0x8d:
      text(take_number(8));
      return true;
    default:
      return false;
  }
}

/// A long of up to eight bytes as an integer; a longer one (torch's magic number) keeps its bytes as text.
void Pickle::push_long(std::uint64_t size) {
  const std::string_view raw = take(size);
  PickleValue value;
  value.kind = PickleKind::Int;
  value.text = raw;
  if (raw.size() <= 8) {
    std::uint64_t number = 0;
    std::memcpy(&number, raw.data(), raw.size());
    const bool negative = !raw.empty() && (static_cast<std::uint8_t>(raw.back()) & 0x80U) != 0;
    if (negative && raw.size() < 8) number |= ~0ULL << (8 * raw.size());
    value.integer = static_cast<std::int64_t>(number);
  }
  push(std::move(value));
}

void Pickle::push_tuple(std::size_t size) {
  PickleValue tuple;
  tuple.kind = PickleKind::Tuple;
  charge(size * sizeof(PickleId));
  tuple.items.resize(size);
  for (std::size_t i = size; i > 0; --i) tuple.items[i - 1] = pop();
  push(std::move(tuple));
}

bool Pickle::run_container(std::uint8_t code) {
  const auto put = [&](PickleValue& container, const std::vector<PickleId>& items) {
    for (const PickleId item : items) append(container.items, item);
  };
  switch (code) {
    case '(':
      charge(3 * sizeof(std::size_t));
      marks_.push_back(stack_.size());
      return true;
    case ')':
      push_kind(PickleKind::Tuple);
      return true;
    case ']':
      push_kind(PickleKind::List);
      return true;
    case '}':
      push_kind(PickleKind::Dict);
      return true;
    case 0x85:
    case 0x86:
    case 0x87:
      push_tuple(code - 0x84U);
      return true;
    case 't': {
      PickleValue tuple;
      tuple.kind = PickleKind::Tuple;
      tuple.items = pop_to_mark();
      push(std::move(tuple));
      return true;
    }
    case 'a': {
      const PickleId item = pop();
      append(top(PickleKind::List).items, item);
      return true;
    }
    case 'e': {
      const auto items = pop_to_mark();
      put(top(PickleKind::List), items);
      return true;
    }
    case 's': {
      const PickleId value = pop();
      const PickleId key = pop();
      put(top(PickleKind::Dict), {key, value});
      return true;
    }
    case 'u': {
      const auto items = pop_to_mark();
      if (items.size() % 2 != 0) refuse("its instructions do not fit together");
      put(top(PickleKind::Dict), items);
      return true;
    }
    default:
      return false;
  }
}

bool Pickle::run_memo(std::uint8_t code) {
  const auto recall = [&](std::uint64_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) refuse("its instructions do not fit together");
    charge(kPerItem);
    stack_.push_back(found->second);
  };
  switch (code) {
    case 'q':
      remember(take_number(1));
      return true;
    case 'r':
      remember(take_number(4));
      return true;
    case 0x94:
      remember(memo_.size());
      return true;
    case 'h':
      recall(take_number(1));
      return true;
    case 'j':
      recall(take_number(4));
      return true;
    default:
      return false;
  }
}

bool Pickle::run_object(std::uint8_t code) {
  switch (code) {
    case 0x80:
      if (take_number(1) > 5) refuse("it is a pickle of a newer kind than is read here");
      return true;
    case 0x95:
      (void)take_number(8);
      return true;  // a frame's length: the content follows as it is
    case 'c': {
      const std::string_view module = take_line();
      push_global(module, take_line());
      return true;
    }
    case 0x93: {
      const PickleId name = pop();
      const PickleId module = pop();
      const bool texts = values_[name].kind == PickleKind::Text && values_[module].kind == PickleKind::Text;
      if (!texts) refuse("its instructions do not fit together");
      push_global(values_[module].text, values_[name].text);
      return true;
    }
    case 'R':
      reduce();
      return true;
    case 'Q':
      push_storage();
      return true;
    case 'b':  // attributes of a dictionary (torch's _metadata): not needed
      (void)pop();
      (void)top(PickleKind::Dict);
      return true;
    default:
      return false;
  }
}

}  // namespace hearsay
