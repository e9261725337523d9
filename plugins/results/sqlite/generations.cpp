// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/results/sqlite/generations.h"

#include <sys/random.h>

#include "plugins/results/sqlite/finding_row.h"

namespace scanhost::results_sqlite {
namespace {

/// Findings that one transaction counts or removes.
constexpr int chunk = 2'000;
constexpr int candidates_at_once = 500;

std::string newName() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    throw PluginError(ErrorClass::internal, "getrandom gave too little");
  static constexpr char digits[] = "0123456789abcdef";
  std::string name;
  for (const unsigned char byte : bytes) {
    name += digits[byte >> 4];
    name += digits[byte & 15];
  }
  return name;
}

/// The id that ends the next chunk of a generation after `id`; nothing when there is none.
std::optional<std::int64_t> nextChunk(sqlite::Database& database, std::int64_t gen,
                                      std::int64_t id) {
  auto end = database.query(
      "SELECT max(id) FROM (SELECT id FROM findings INDEXED BY findings_of WHERE gen = ? AND id > "
      "? ORDER BY id LIMIT ?)",
      gen, id, chunk);
  if (!end.step() || end.isNull(0)) return std::nullopt;
  return end.integer(0);
}

/// Counts the next findings of a generation as seen; false when all are.
bool countSightings(sqlite::Database& database, const std::string& name) {
  const GenerationRow generation = findGeneration(database, name);
  const auto end = nextChunk(database, generation.gen, generation.sighted);
  if (!end) return false;
  database.execute(
      "INSERT INTO sightings SELECT fingerprint, count(*), ?1, ?1 FROM findings INDEXED BY "
      "findings_of WHERE gen = ?2 AND id > ?3 AND id <= ?4 AND fingerprint <> '' GROUP BY "
      "fingerprint ON CONFLICT DO UPDATE SET n = n + excluded.n, first_us = min(first_us, "
      "excluded.first_us), last_us = max(last_us, excluded.last_us)",
      generation.created_us, generation.gen, generation.sighted, *end);
  database.execute("UPDATE generations SET sighted = ? WHERE gen = ?", *end, generation.gen);
  return true;
}

void forgetSightings(sqlite::Database& database, std::int64_t gen, std::int64_t end) {
  database.execute(
      "UPDATE sightings SET n = sightings.n - seen.n FROM (SELECT fingerprint, count(*) AS n FROM "
      "findings "
      "INDEXED BY findings_of WHERE gen = ?1 AND id <= min(?2, (SELECT sighted FROM generations "
      "WHERE gen = ?1)) GROUP BY fingerprint) AS seen WHERE sightings.fingerprint = "
      "seen.fingerprint",
      gen, end);
  database.execute(
      "DELETE FROM sightings WHERE n <= 0 AND fingerprint IN (SELECT fingerprint FROM findings "
      "INDEXED BY findings_of WHERE gen = ? AND id <= ?)",
      gen, end);
}

/// Removes the first findings of a generation, and it when it is empty; answers how many went.
std::uint64_t removeChunk(sqlite::Database& database, std::int64_t gen) {
  const auto end = nextChunk(database, gen, 0);
  if (!end) {
    database.execute("DELETE FROM generations WHERE gen = ?", gen);
    return 0;
  }
  forgetSightings(database, gen, *end);
  database.execute(
      "DELETE FROM texts WHERE id IN (SELECT id FROM findings INDEXED BY findings_of WHERE gen = ? "
      "AND id <= ?)",
      gen, *end);
  return static_cast<std::uint64_t>(
      database.execute("DELETE FROM findings WHERE gen = ? AND id <= ?", gen, *end));
}

}  // namespace

GenerationRow findGeneration(sqlite::Database& database, const std::string& name) {
  auto row = database.query(
      "SELECT gen, task_id, created_us, sealed, sighted FROM generations WHERE name = ? AND gone = "
      "0",
      name);
  if (!row.step())
    throw PluginError(ErrorClass::lost,
                      "there is no generation '" + name.substr(0, 64) + "' of findings");
  return {row.integer(0), row.text(1), row.integer(2), row.integer(3) != 0, row.integer(4)};
}

std::string openGeneration(sqlite::Database& database, const Generation& generation) {
  const std::string name = newName();
  database.execute(
      "INSERT INTO generations (name, task_id, attempt, epoch, token, created_us) VALUES (?, ?, ?, "
      "?, ?, ?)",
      name, generation.task_id, generation.attempt, generation.epoch,
      sqlite::Blob{generation.token.data(), generation.token.size()}, generation.created_us);
  return name;
}

void appendFindings(sqlite::Database& database, const std::string& name,
                    const std::vector<FindingRecord>& findings) {
  const GenerationRow generation = findGeneration(database, name);
  if (generation.sealed)
    throw PluginError(ErrorClass::internal,
                      "generation '" + name + "' is sealed and takes no more findings");
  for (const FindingRecord& finding : findings) insertFinding(database, generation.gen, finding);
}

void sealGeneration(sqlite::Store& store, const std::string& name, const std::string& summary,
                    const Call& call) {
  // First no more is taken, then what there is is counted, and the summary comes last: a
  // generation without one is not complete, whenever this is interrupted.
  store.write(call, sqlite::Sync::relaxed, [&](sqlite::Database& database) {
    const GenerationRow generation = findGeneration(database, name);
    database.execute("UPDATE generations SET sealed = 1 WHERE gen = ?", generation.gen);
  });
  while (store.write(call, sqlite::Sync::relaxed,
                     [&](sqlite::Database& database) { return countSightings(database, name); })) {
  }
  store.write(call, sqlite::Sync::durable, [&](sqlite::Database& database) {
    database.execute("UPDATE generations SET summary = ? WHERE gen = ?", summary,
                     findGeneration(database, name).gen);
  });
}

std::optional<std::string> currentGeneration(sqlite::Database& database, const std::string& task_id,
                                             std::uint64_t epoch) {
  auto row = database.query(
      "SELECT name FROM generations WHERE task_id = ? AND epoch = ? AND gone = 0 ORDER BY gen DESC "
      "LIMIT 1",
      task_id, epoch);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

std::optional<std::string> generationSummary(sqlite::Database& database, const std::string& name) {
  auto row = database.query("SELECT summary FROM generations WHERE gen = ?",
                            findGeneration(database, name).gen);
  if (!row.step() || row.view(0).empty()) return std::nullopt;
  return row.text(0);
}

std::uint64_t removeGeneration(sqlite::Store& store, std::int64_t gen, const Call& call) {
  store.write(call, sqlite::Sync::durable, [&](sqlite::Database& database) {
    database.execute("UPDATE generations SET gone = 1 WHERE gen = ?", gen);
  });
  std::uint64_t removed = 0;
  for (;;) {
    const std::uint64_t some =
        store.write(call, sqlite::Sync::relaxed,
                    [&](sqlite::Database& database) { return removeChunk(database, gen); });
    if (some == 0) return removed;
    removed += some;
  }
}

std::uint64_t removeTask(sqlite::Store& store, const std::string& task_id, const Call& call) {
  const auto generations =
      store.write(call, sqlite::Sync::durable, [&](sqlite::Database& database) {
        database.execute("UPDATE generations SET gone = 1 WHERE task_id = ?", task_id);
        std::vector<std::int64_t> found;
        auto rows = database.query("SELECT gen FROM generations WHERE task_id = ?", task_id);
        while (rows.step()) found.push_back(rows.integer(0));
        return found;
      });
  std::uint64_t removed = 0;
  for (const std::int64_t gen : generations) removed += removeGeneration(store, gen, call);
  return removed;
}

std::vector<std::int64_t> goneGenerations(sqlite::Database& database) {
  std::vector<std::int64_t> found;
  auto rows = database.query("SELECT gen FROM generations WHERE gone");
  while (rows.step()) found.push_back(rows.integer(0));
  return found;
}

std::vector<SweepCandidate> sweepCandidates(sqlite::Database& database, std::int64_t before_us,
                                            std::int64_t after_us, std::int64_t after_gen) {
  auto rows = database.query(
      "SELECT gen, created_us, task_id, name FROM generations INDEXED BY generations_opened WHERE "
      "created_us < ? AND (created_us, gen) > (?, ?) AND gone = 0 ORDER BY created_us, gen LIMIT ?",
      before_us, after_us, after_gen, candidates_at_once);
  std::vector<SweepCandidate> found;
  while (rows.step())
    found.push_back({rows.integer(0), rows.integer(1), rows.text(2), rows.text(3)});
  return found;
}

}  // namespace scanhost::results_sqlite
