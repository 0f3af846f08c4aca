/**
 * The share of the total, in percent, that the values up to each make up together.
 *
 * @param {number[]} values in the order of their bars
 * @returns {number[]} as many; none where shares make no sense: a total of nothing, or
 *     values below zero
 */
export function cumulativeShares(values) {
    const total = values.reduce((sum, value) => sum + value, 0);
    if (total <= 0 || values.some((value) => value < 0)) {
        return [];
    }
    let sum = 0;
    return values.map((value) => {
        sum += value;
        return (sum * 100) / total;
    });
}
