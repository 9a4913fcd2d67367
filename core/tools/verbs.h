#ifndef OSSICLE_TOOLS_VERBS_H_
#define OSSICLE_TOOLS_VERBS_H_

#include "args.h"

namespace ossicle::tools {

extern const Verb kTrain;      // verbs/train.cpp
extern const Verb kEval;       // verbs/eval.cpp
extern const Verb kInspect;    // verbs/inspect.cpp
extern const Verb kRecommend;  // verbs/recommend.cpp

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_VERBS_H_
