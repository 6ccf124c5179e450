package athanor.recipe;

import athanor.hub.upload.RepoId;
import athanor.hub.upload.Visibility;

/**
 * Where a result is to be published. Immutable.
 *
 * @param repo the repository on the Hugging Face Hub
 * @param visibility who may see it
 * @param createPr whether a pull request is opened instead of a commit
 */
public record PushRequest(RepoId repo, Visibility visibility, boolean createPr) {}
