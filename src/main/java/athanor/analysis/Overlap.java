package athanor.analysis;

/**
 * How far the subspaces of two pairs of factors coincide: ‖QᵢᵀQⱼ‖² / min(rank), from 0 (no
 * direction in common) to 1 (one lies in the other), for what they read (inputs) and what they
 * write (outputs).
 *
 * @param one place of the first among the parts
 * @param other place of the second
 * @param inputs coincidence of the rows of {@code down}
 * @param outputs coincidence of the columns of {@code up}
 * @param inputsByChance what random subspaces of these sizes would have
 * @param outputsByChance likewise
 */
public record Overlap(
    int one,
    int other,
    double inputs,
    double outputs,
    double inputsByChance,
    double outputsByChance) {}
