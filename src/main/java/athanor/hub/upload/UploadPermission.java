package athanor.hub.upload;

/**
 * The answer that an upload may be done; it holds no secret. It is a forecast: the Hub has the last
 * word when the upload comes.
 *
 * @param request what was asked for
 * @param repo the repository, by its present name
 * @param page its address for people
 * @param exists whether it is there already; otherwise the upload creates it
 * @param isPrivate who may see it, now or once it is created
 * @param login whose token is used, and what it may do, as a sentence
 */
public record UploadPermission(
    UploadRequest request,
    RepoId repo,
    String page,
    boolean exists,
    boolean isPrivate,
    String login) {}
