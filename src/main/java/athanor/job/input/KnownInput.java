package athanor.job.input;

import athanor.recipe.InputOrigin;
import athanor.recipe.InputRequest;

/**
 * An input of a merge, looked at.
 *
 * @param request as it was asked for
 * @param bytes its size; of a model in several files that of its index
 * @param origin its hash and links
 */
public record KnownInput(InputRequest request, long bytes, InputOrigin origin) {}
