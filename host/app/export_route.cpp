// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/export_route.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <utility>

#include "host/http/caller.h"

namespace scanhost {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
/// A file up to this is one answer, with its length; a larger one is streamed.
constexpr std::uint64_t whole_bytes = 1024 * 1024;
constexpr std::chrono::seconds reader_patience{30};

/// Up to a piece of the file; empty at its end or where it cannot be read.
std::string_view readPiece(int file, std::array<char, piece_bytes>& buffer) {
  ssize_t size = 0;
  do size = ::read(file, buffer.data(), buffer.size());
  while (size < 0 && errno == EINTR);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, size))};
}

http::Headers headersOf(const Exports::Download& download) {
  return {{"Content-Type", download.media_type},
          {"Content-Disposition", "attachment; filename=\"" + download.file_name + "\""},
          {"Cache-Control", "private, no-store"}};
}

void sendFile(const Exports::Download& download, http::Response& response) {
  std::array<char, piece_bytes> buffer;
  if (download.bytes <= whole_bytes) {
    std::string body;
    for (auto piece = readPiece(download.file.get(), buffer); !piece.empty();
         piece = readPiece(download.file.get(), buffer))
      body += piece;
    return response.send(200, headersOf(download), std::move(body));
  }
  const auto stream = response.stream(200, headersOf(download));
  if (!stream) return;
  for (auto piece = readPiece(download.file.get(), buffer); !piece.empty();
       piece = readPiece(download.file.get(), buffer))
    if (!(*stream)->waitForRoom(piece.size(), reader_patience) || !(*stream)->write(piece)) return;
  (*stream)->close();
}

/// A place among those that download, given back when destroyed.
class DownloadPlace {
 public:
  DownloadPlace(std::shared_ptr<std::atomic<int>> taken, int most)
      : taken_(std::move(taken)), is_free_(++*taken_ <= most) {}
  ~DownloadPlace() { --*taken_; }
  DownloadPlace(const DownloadPlace&) = delete;
  DownloadPlace& operator=(const DownloadPlace&) = delete;
  bool isFree() const { return is_free_; }

 private:
  const std::shared_ptr<std::atomic<int>> taken_;
  const bool is_free_;
};

}  // namespace

http::Route exportRoute(const Exports& exports, int downloads_at_once) {
  http::Route route;
  route.methods = {"GET"};
  route.path = std::string(exports_path) + "*";
  route.name = "exports";
  route.handler = [&exports, downloads_at_once, taken = std::make_shared<std::atomic<int>>(0)](
                      http::Request& request, http::Response& response) {
    const auto download =
        exports.open(request.path().substr(exports_path.size()), request.caller().subject);
    if (!download)
      return response.sendError(404, "Not found", "not_found",
                                "This link is no export of yours, or has expired: call "
                                "export_results again");
    const DownloadPlace place(taken, downloads_at_once);
    if (!place.isFree())
      return response.sendError(503, "Unavailable", "unavailable",
                                "Too many exports are being downloaded", {{"Retry-After", "5"}});
    sendFile(*download, response);
  };
  return route;
}

}  // namespace scanhost
