package athanor.testkit.web.upload;

import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import athanor.testkit.web.Routes.Handler;
import java.io.IOException;

/** A way in which a request goes wrong. {@link UploadFaults} has them. */
public interface Trouble {
  /**
   * Answers instead of the proper handler, or before or after it.
   *
   * @throws IOException to cut the connection without an answer
   */
  Answer meet(Ask ask, Handler proper) throws IOException;
}
