/**
 * PyTorch checkpoints ({@code .ckpt}, {@code .pt}, {@code .pth}, {@code .bin}) as state dicts, read
 * and written without executing anything.
 *
 * <p>{@link athanor.torchfile.TorchZipFile} reads the archives of PyTorch ≥ 1.6, {@link
 * athanor.torchfile.TorchLegacyFile} what came before; both tell in {@link
 * athanor.torchfile.TorchNotes} what they skipped. {@link athanor.torchfile.TorchLayout} writes an
 * archive that {@code torch.load(weights_only=True)} and {@code mmap=True} accept.
 *
 * <p>A checkpoint describes its tensors with a pickle program. Here a data interpreter runs it: the
 * program can make numbers, texts, lists, dicts, references to storages and tensors that view them,
 * by a fixed table of names. Every other name makes an inert object. No name is ever looked up in
 * Java or Python, so there is nothing a file could run; what remains are lies about sizes, which
 * meet the checks of the readers and the caps in {@code Limits}.
 */
@NullMarked
package athanor.torchfile;

import org.jspecify.annotations.NullMarked;
