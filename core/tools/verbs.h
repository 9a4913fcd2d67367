#ifndef OSSICLE_TOOLS_VERBS_H_
#define OSSICLE_TOOLS_VERBS_H_

#include "args.h"

namespace ossicle::tools {

extern const Verb train_verb;          // verbs/train.cpp
extern const Verb eval_verb;           // verbs/eval.cpp
extern const Verb inspect_verb;        // verbs/inspect.cpp
extern const Verb recommend_verb;      // verbs/recommend.cpp
extern const Verb replay_verb;         // verbs/replay.cpp
extern const Verb search_verb;         // verbs/search.cpp
extern const Verb pack_verb;           // verbs/pack.cpp
extern const Verb embed_verb;          // verbs/embed.cpp
extern const Verb style_verb;          // verbs/style.cpp
extern const Verb pack_sequence_verb;  // verbs/pack_sequence.cpp
extern const Verb playlist_verb;       // verbs/playlist.cpp
extern const Verb prior_verb;          // verbs/prior.cpp
extern const Verb learn_verb;          // verbs/learn.cpp

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_VERBS_H_
