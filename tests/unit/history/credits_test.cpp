#include "ossicle/credits.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/history.h"
#include "synthetic_catalogue.h"

namespace ossicle {
namespace {

using Names = std::vector<std::string>;

// The parts, a featured one with a star before it.
Names split(std::string_view name, std::size_t room = kMostCredits) {
  std::vector<Credit> parts(room);
  parts.resize(split_credits(name, parts));
  Names out;
  for (const Credit& part : parts)
    out.push_back((part.featured ? "*" : "") + std::string(part.name));
  return out;
}

CatalogueData catalogue_of(const Names& names) {
  testing::CatalogueContents contents = testing::synthetic_contents(
      {.n_items = static_cast<std::uint32_t>(names.size()), .n_factors = 4});
  contents.name = names;
  for (const std::string& name : names) contents.id.push_back(artist_id(name));
  return testing::build_catalogue(contents);
}

Names find(const Catalogue& catalogue, std::string_view name, std::size_t room = kMostCredits) {
  std::vector<std::uint32_t> rows(room);
  rows.resize(find_credits(catalogue, name, rows));
  Names out;
  for (const std::uint32_t row : rows) out.emplace_back(catalogue.name(row));
  return out;
}

TEST_CASE("a credit is cut at the words that join names") {
  struct Case {
    const char* name;
    Names parts;
  };
  const Case cases[] = {
      {"Nina Simone", {"Nina Simone"}},
      {"Madonna feat. Justin Timberlake", {"Madonna", "*Justin Timberlake"}},
      {"Ciara Ft The Dream", {"Ciara", "*The Dream"}},
      {"Rihanna (feat. Drake)", {"Rihanna", "*Drake"}},
      {"Rihanna [Ft. Drake]", {"Rihanna", "*Drake"}},
      {"Lady GaGa VS. Madonna", {"Lady GaGa", "*Madonna"}},
      {"Jenny Lewis with The Watson Twins", {"Jenny Lewis", "*The Watson Twins"}},
      {"Simon & Garfunkel", {"Simon", "Garfunkel"}},
      {"Earth, Wind & Fire", {"Earth", "Wind", "Fire"}},
      {"Dirty Projectors + Bj\u00f6rk", {"Dirty Projectors", "Bj\u00f6rk"}},
      {"Loona x Grimes", {"Loona", "Grimes"}},
      {"Loona \u00d7 Grimes", {"Loona", "Grimes"}},
      {"Alejandro Sanz y The Corrs", {"Alejandro Sanz", "The Corrs"}},
      {"A, B and C feat. D & E", {"A", "B", "C", "*D", "E"}},
      {"Demi Ft. Miley Ft. Selena", {"Demi", "*Miley", "*Selena"}},
      // No name is cut inside a word, nor where nothing would be left.
      {"AC/DC", {"AC/DC"}},
      {"Tyler, the Creator", {"Tyler, the Creator"}},
      {"X-Ray Spex", {"X-Ray Spex"}},
      {"X", {"X"}},
      {"With", {"With"}},
      {"Vs.", {"Vs."}},
      {"feat. Nobody", {"feat. Nobody"}},
      {"Somebody feat.", {"Somebody feat."}},
      {"A & & B", {"A", "& B"}},
      {"10,000 Maniacs", {"10,000 Maniacs"}},
      {"", {}},
      {"   ", {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(split(c.name) == c.parts);
  }
}

TEST_CASE("a credit of more names than there is room for keeps the first ones") {
  std::string many = "n0";
  for (int i = 1; i < 40; ++i) many += " & n" + std::to_string(i);
  CHECK(split(many).size() == kMostCredits);
  CHECK(split(many, 100).size() == kMostCredits);
  CHECK(split("A & B & C", 2) == Names{"A", "B"});
  CHECK(split("A & B", 0).empty());
}

TEST_CASE("a name that the catalogue has is one name, unless it has every part as well") {
  const CatalogueData data =
      catalogue_of({"Simon & Garfunkel", "Simon", "Jay-Z", "Coldplay", "Jay-Z & Coldplay",
                    "Earth, Wind & Fire", "AC/DC", "Nurse With Wound", "Nurse"});
  CHECK(find(data.view, "Simon & Garfunkel") == Names{"Simon & Garfunkel"});
  CHECK(find(data.view, "earth, wind & fire") == Names{"Earth, Wind & Fire"});
  CHECK(find(data.view, "AC/DC") == Names{"AC/DC"});
  CHECK(find(data.view, "Jay-Z & Coldplay") == Names{"Jay-Z & Coldplay", "Jay-Z", "Coldplay"});
}

TEST_CASE("a name that the catalogue lacks counts for the parts it has, if the first is one") {
  const CatalogueData data =
      catalogue_of({"Jay-Z", "Coldplay", "Kanye West", "Simon & Garfunkel", "Creator"});
  CHECK(find(data.view, "Jay-Z & Coldplay") == Names{"Jay-Z", "Coldplay"});
  CHECK(find(data.view, "Coldplay, Jay-Z & Nobody") == Names{"Coldplay", "Jay-Z"});
  CHECK(find(data.view, "Nobody & Jay-Z").empty());
  CHECK(find(data.view, "Tyler, the Creator").empty());
  CHECK(find(data.view, "Nobody").empty());
  CHECK(find(data.view, "").empty());
}

TEST_CASE("featured names are found each for itself, and whole before they are cut") {
  const CatalogueData data = catalogue_of(
      {"Jay-Z", "Coldplay", "Kanye West", "Simon & Garfunkel", "Jay-Z feat. Kanye West"});
  CHECK(find(data.view, "Nobody feat. Jay-Z") == Names{"Jay-Z"});
  CHECK(find(data.view, "Jay-Z feat. Kanye West") ==
        Names{"Jay-Z feat. Kanye West", "Jay-Z", "Kanye West"});
  CHECK(find(data.view, "Jay-Z feat. Simon & Garfunkel") == Names{"Jay-Z", "Simon & Garfunkel"});
  CHECK(find(data.view, "Jay-Z (feat. Coldplay & Kanye West)") ==
        Names{"Jay-Z", "Coldplay", "Kanye West"});
  CHECK(find(data.view, "Jay-Z feat. Jay-Z") == Names{"Jay-Z"});
  CHECK(find(data.view, "Jay-Z feat. Kanye West", 1) == Names{"Jay-Z feat. Kanye West"});
}

TEST_CASE("the table has what the catalogue's own names credit") {
  const CatalogueData data =
      catalogue_of({"Jay-Z", "Simon & Garfunkel", "Coldplay", "Jay-Z & Coldplay",
                    "Nobody feat. Coldplay", "Beyonc\u00e9 ft. Nobody"});
  const CreditTable table(data.view);
  const auto credits = [&](std::uint32_t item) {
    const std::span<const std::uint32_t> rows = table.credits(item);
    return std::vector<std::uint32_t>(rows.begin(), rows.end());
  };
  CHECK(credits(0).empty());
  CHECK(credits(1).empty());
  CHECK(credits(3) == std::vector<std::uint32_t>{0, 2});
  CHECK(credits(4) == std::vector<std::uint32_t>{2});
  CHECK(credits(5).empty());
  CHECK(table.items().size() == 2);
  CHECK(CreditTable().credits(3).empty());
}

}  // namespace
}  // namespace ossicle
