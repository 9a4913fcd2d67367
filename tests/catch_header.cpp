// Gives the precompiled catch.hpp a target; see CMakeLists.txt.
