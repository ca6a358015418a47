using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Colony.Torch;

/// <summary>
/// The imports, one for each function of native/colony_torch.h and with its name; a test holds the two together.
/// </summary>
internal static unsafe partial class Native
{
    private const string Library = "colony_torch";

    /// <summary>Throws what a native call returned, when it returned an error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Check(nint error)
    {
        if (error != 0)
        {
            Throw(error);
        }
    }

    /// <summary>Wraps the result of a native call, or throws its error.</summary>
    internal static Tensor Give(nint error, TensorHandle result)
    {
        Check(error);
        return new Tensor(result);
    }

    /// <summary>Wraps the two results of a native call, or throws its error.</summary>
    internal static (Tensor First, Tensor Second) Give(nint error, TensorHandle first, TensorHandle second)
    {
        Check(error);
        return (new Tensor(first), new Tensor(second));
    }

    private static void Throw(nint error)
    {
        var message = Marshal.PtrToStringUTF8(colony_error_message(error)) ?? "libtorch failed without a message";
        colony_error_free(error);
        throw new TorchException(message);
    }
}
