/** NDCG@k and Recall@k of one list, as core/src/eval computes them (RecBole's definitions); written again so that the two check each other. */
export function rankingMetrics(ranked, truth, k) {
  const wanted = new Set(truth);
  const hits = ranked.slice(0, k).map((item) => wanted.has(item));
  const discount = (rank) => 1 / Math.log2(rank + 2);
  const dcg = hits.reduce((sum, hit, rank) => sum + (hit ? discount(rank) : 0), 0);
  let ideal = 0;
  for (let rank = 0; rank < Math.min(k, wanted.size); ++rank) ideal += discount(rank);
  return { ndcg: dcg / ideal, recall: hits.filter(Boolean).length / wanted.size };
}
