package athanor.testkit.web.upload;

import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** The ways in which uploads fail. */
public final class UploadFaults {
  private UploadFaults() {}

  /** Takes the whole body and refuses, as the hub words it; nothing has happened. */
  public static Trouble refusal(int status, String message) {
    return (ask, proper) -> {
      drain(ask);
      return Answer.error(status, message);
    };
  }

  /** As {@link #refusal}, with a header. */
  public static Trouble refusal(int status, String message, String header, String value) {
    return (ask, proper) -> {
      drain(ask);
      return Answer.error(status, message).with(header, value);
    };
  }

  /** Takes the whole body and refuses, as S3 words it; nothing was stored. */
  public static Trouble s3(int status, String code) {
    return (ask, proper) -> {
      drain(ask);
      return Answer.xml(status, code, "the storage says " + code);
    };
  }

  /** S3's words for a body that did not come in time. */
  public static Trouble requestTimeout() {
    return s3(400, "RequestTimeout");
  }

  /** Refuses, as S3 words it, in the middle of the body, and hangs up. */
  public static Trouble s3After(long bytes, int status, String code) {
    return (ask, proper) -> {
      skip(ask, bytes);
      return Answer.xml(status, code, "the storage says " + code).with("Connection", "close");
    };
  }

  /** Hangs up without a word after so many bytes of the body. */
  public static Trouble cutAfter(long bytes) {
    return (ask, proper) -> {
      skip(ask, bytes);
      throw new IOException("cut");
    };
  }

  /** Takes so many bytes, then nothing for a time, then hangs up. */
  public static Trouble stallAfter(long bytes, Duration time) {
    return (ask, proper) -> {
      skip(ask, bytes);
      sleep(time);
      throw new IOException("cut");
    };
  }

  /** Does everything and hangs up without a word. */
  public static Trouble answerLost() {
    return (ask, proper) -> {
      proper.answer(ask);
      throw new IOException("cut");
    };
  }

  /** Does everything, and says that it took too long or failed. */
  public static Trouble doneBut(int status) {
    return (ask, proper) -> {
      proper.answer(ask);
      return Answer.error(status, "Gateway trouble");
    };
  }

  /** Does everything and leaves a header out of the answer. */
  public static Trouble without(String header) {
    return (ask, proper) -> proper.answer(ask).without(header);
  }

  /** Something happens just before the request is dealt with. */
  public static Trouble before(Runnable event) {
    return (ask, proper) -> {
      event.run();
      return proper.answer(ask);
    };
  }

  /** Something happens just after the request was dealt with, before its answer. */
  public static Trouble after(Runnable event) {
    return (ask, proper) -> {
      Answer answer = proper.answer(ask);
      event.run();
      return answer;
    };
  }

  /** The hub does not find the object that was sent. */
  public static Trouble missingObject() {
    return refusal(400, CommitRoute.POINTER + "model.safetensors");
  }

  /** Another operation on the repository's name is not through. */
  public static Trouble conflictingOperation() {
    return refusal(409, "Cannot create repo: another conflicting operation is in progress");
  }

  /** The repository exists, and the answer does not say where. */
  public static Trouble conflictWithoutAddress() {
    return refusal(409, "You already created this model repo");
  }

  /** Too many requests. */
  public static Trouble tooMany(int seconds) {
    return refusal(429, "Too many requests", "Retry-After", Integer.toString(seconds));
  }

  private static void drain(Ask ask) throws IOException {
    if (ask.header("Content-Type").orElse("").contains("json")) {
      ask.bytes(); // the log keeps it
    } else {
      ask.body().transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void skip(Ask ask, long bytes) throws IOException {
    InputStream body = ask.body();
    byte[] buffer = new byte[1 << 16];
    long left = bytes;
    while (left > 0) {
      int count = body.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        return;
      }
      left -= count;
    }
  }

  private static void sleep(Duration time) throws IOException {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
